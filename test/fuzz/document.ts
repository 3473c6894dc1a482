/** As much of JSON Schema as the documents of the house use. */
export type Schema = {
  type?: string | string[]
  format?: string
  pattern?: string
  enum?: unknown[]
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  minItems?: number
  maxItems?: number
  items?: Schema
  properties?: Record<string, Schema>
  propertyNames?: Schema
  additionalProperties?: Schema | boolean
  required?: string[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  example?: unknown
  examples?: unknown[]
}

export type Parameter = { name: string; in: 'path' | 'query' | 'header'; required?: boolean; schema: Schema; example?: unknown }

export const DOORS = ['blueticks-co', 'canonical'] as const
export type DoorName = (typeof DOORS)[number]

export type Operation = {
  door: DoorName
  /** In capitals. */
  method: string
  /** With {names}. */
  path: string
  parameters: readonly Parameter[]
  body: Schema | undefined
  /** A body that surely says something. */
  example: unknown
  /** Of each documented status; undefined: anything. */
  answers: ReadonlyMap<string, Schema | undefined>
}

type Content = { content?: Record<string, { schema?: Schema; example?: unknown }> }
type Described = { parameters?: Parameter[]; requestBody?: Content; responses: Record<string, Content> }
export type Document = { paths: Record<string, Record<string, Described>> }

const JSON_TYPE = 'application/json'

export const readOperations = (door: DoorName, { paths }: Document): Operation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]) => ({
      ...{ door, path, parameters, method: method.toUpperCase() },
      body: requestBody?.content?.[JSON_TYPE]?.schema,
      example: requestBody?.content?.[JSON_TYPE]?.example,
      answers: new Map(Object.entries(responses).map(([status, { content }]) => [status, content?.[JSON_TYPE]?.schema])),
    })),
  )

export const nameOf = ({ method, path }: Operation): string => `${method} ${path}`
