import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { validatorCompiler } from 'fastify-type-provider-zod'
import type { Door } from '#kit/door'
import { finishSchema } from './finish-schema.ts'
import type { Mount } from './mount.ts'
import type { Reference } from './reference-pages.ts'

/** Plugs every door's routes into a scope of its own, a scope for each of its prefixes; answers their references. */
export async function mountDoors(app: FastifyInstance, mounts: readonly Mount[], door: Door): Promise<Reference[]> {
  const references: Reference[] = []
  for (const mount of mounts) {
    const scopes: FastifyInstance[] = []
    for (const prefix of mount.prefixes) {
      await app.register(
        async (scope) => {
          scopes.push(scope)
          scope.setValidatorCompiler(validatorCompiler)
          scope.setSerializerCompiler(() => JSON.stringify) // answers are made by pure functions: checking them again would cost as much as the verb
          if (mount.reference) await describe(scope, mount.reference)
          await mount.routes(scope, door)
        },
        { prefix },
      )
    }
    if (mount.reference) references.push({ name: mount.name, title: mount.reference.title, document: () => joinDocuments(scopes) })
  }
  return references
}

async function describe(scope: FastifyInstance, { title, description, version, sections }: NonNullable<Mount['reference']>): Promise<void> {
  await scope.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title, description, version },
      servers: [{ url: '/' }],
      tags: Object.entries(sections).map(([name, about]) => ({ name, description: about })),
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer', description: HOW_TO_GET_A_KEY } } },
      security: [{ key: [] }],
    },
    transform: finishSchema,
  })
}

const HOW_TO_GET_A_KEY =
  'A key of a workspace. The first ones are in `first-run.json` in the data folder; more are made by `npm run chasqui -- keys create --name <name>`'

/** A door with several prefixes has one document. */
function joinDocuments(scopes: readonly FastifyInstance[]): unknown {
  const documents = scopes.map((scope) => scope.swagger())
  return { ...documents[0], paths: Object.assign({}, ...documents.map(({ paths }) => paths)) }
}
