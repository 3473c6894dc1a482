import type { JSONValue, JSONObject as Schema } from '@modelcontextprotocol/server'
import { z } from 'zod'

/** JSON Schema, as far as it is looked into here. */
export type { Schema }

const JsonSchema: z.ZodType<Schema> = z.record(z.string(), z.json())

const Content = z.record(z.string(), z.object({ schema: JsonSchema.optional() }))
const Operation = z.object({
  operationId: z.string().optional(),
  tags: z.array(z.string()).default([]),
  summary: z.string().default(''),
  description: z.string().default(''),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        in: z.enum(['path', 'query', 'header', 'cookie']),
        required: z.boolean().default(false),
        description: z.string().optional(),
        schema: JsonSchema.default({}),
      }),
    )
    .default([]),
  requestBody: z.object({ content: Content }).optional(),
})

/** The parts of an OpenAPI 3.1 document that tools are made of. */
export const ApiDocument = z.object({
  info: z.object({ title: z.string(), version: z.string() }),
  tags: z.array(z.object({ name: z.string(), description: z.string().default('') })).default([]),
  paths: z.record(
    z.string(),
    z.object({
      get: Operation.optional(),
      put: Operation.optional(),
      post: Operation.optional(),
      patch: Operation.optional(),
      delete: Operation.optional(),
    }),
  ),
  components: z.object({ schemas: z.record(z.string(), JsonSchema).default({}) }).optional(),
})
export type ApiDocument = z.output<typeof ApiDocument>
export type ApiOperation = z.output<typeof Operation>

const REFERENCE = '#/components/schemas/'

/** Puts what is referred to in the place of the reference; where a schema comes back to itself, anything goes. */
export function resolve(schema: Schema, components: Readonly<Record<string, Schema>>, open: readonly string[] = []): Schema {
  const { $ref, ...own } = schema
  const named = typeof $ref === 'string' && $ref.startsWith(REFERENCE) ? $ref.slice(REFERENCE.length) : undefined
  const target = named === undefined || open.includes(named) ? undefined : components[named]
  const inside = named === undefined ? open : [...open, named]
  const walk = (value: JSONValue): JSONValue => {
    if (Array.isArray(value)) return value.map(walk)
    return isSchema(value) ? resolve(value, components, inside) : value
  }
  return Object.fromEntries(Object.entries({ ...target, ...own }).map(([word, value]) => [word, walk(value)]))
}

export const isSchema = (value: JSONValue | undefined): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
