import type { Db } from '#kit/db'
import { DomainError } from '#kit/errors'
import { selectWorkspaces } from './workspace.store.ts'

/** The workspace an operator means at the command line: of the only organization, or of the one named. */
export async function findOperatorWorkspace(db: Db, environment: 'live' | 'test', organization?: string): Promise<string> {
  const [found, other] = await selectWorkspaces(db, environment, organization)
  if (!found)
    throw new DomainError(
      'not_found',
      organization ? `There is no organization named ${organization}.` : 'There is no organization yet: start the house once.',
    )
  if (other) throw new DomainError('conflict', 'There are several organizations: name one with --organization.')
  return found.id
}
