import { createJsonSchemaTransform } from 'fastify-type-provider-zod'
import { z } from 'zod'

const IDEMPOTENCY_KEY = {
  type: 'string',
  minLength: 1,
  maxLength: 255,
  description: 'The same request under the same key has one effect; kept for 24 hours',
}

const ANSWERS: Readonly<Record<string, string>> = { 200: 'Done', 201: 'Made', 204: 'Done, nothing to show' }

/** JSON Schema made from zod, as far as it is touched here. */
type Schema = { description?: string; example?: unknown; examples?: unknown[]; minimum?: number; maximum?: number }

/** zod drops `examples` of what it transforms, taking them for results; here they are what a caller writes. */
const toJsonSchema = createJsonSchemaTransform({
  zodToJsonConfig: {
    override({ zodSchema, jsonSchema }) {
      const { examples } = z.globalRegistry.get(zodSchema) ?? {}
      if (Array.isArray(examples)) jsonSchema.examples ??= examples
    },
  },
})

/** A route for the reference: what zod cannot say of it is added, what it says too much of is taken away. */
export const finishSchema: typeof toJsonSchema = (document) => {
  const { schema, url } = toJsonSchema(document)
  if (!schema) return { schema, url }
  // as a schema of the route it would replace the headers
  if ([document.route.method].flat().includes('POST'))
    schema.headers = { type: 'object', properties: { 'Idempotency-Key': IDEMPOTENCY_KEY } }
  const { body, response = {} } = schema as { body?: Schema; response?: Record<string, Schema> }
  for (const [status, answer] of Object.entries(response)) answer.description ??= ANSWERS[status] ?? 'Refused'
  for (const one of [body, ...Object.values(response)]) if (one) listExample(one)
  dropBounds(schema)
  return { schema, url }
}

/** A body, like an answer, tells of one `example`. */
function listExample(schema: Schema): void {
  if (schema.example === undefined) return
  schema.examples = [schema.example]
  delete schema.example
}

/** zod tells the range of every whole number, which then stands in the examples. */
function dropBounds(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  const schema: Schema = value
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
  for (const inner of Object.values(value)) dropBounds(inner)
}
