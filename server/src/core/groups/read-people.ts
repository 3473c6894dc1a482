import { parseAddress } from '#core/addresses'
import type { Context } from '#kit/context'
import { DomainError, type Issue, invalidField } from '#kit/errors'
import type { Refused } from './group.ts'

/** The addresses of people in any spelling, each once. Throws `invalid` with every one that is none. */
export async function readPeople(ctx: Context, people: readonly string[]): Promise<string[]> {
  const { defaultCountry } = await ctx.ports.workspaces.get(ctx.workspaceId)
  const wrong: Issue[] = []
  const read = people.flatMap((person, i) => {
    try {
      return [personAt(person, defaultCountry, `participants.${i}`)]
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      wrong.push(...error.issues)
      return []
    }
  })
  if (wrong.length > 0) throw new DomainError('invalid', 'Not all of them are people', { issues: wrong })
  return [...new Set(read)]
}

/** One person's address. Throws `invalid`. */
export async function readPerson(ctx: Context, person: string): Promise<string> {
  const { defaultCountry } = await ctx.ports.workspaces.get(ctx.workspaceId)
  return personAt(person, defaultCountry, 'participant')
}

function personAt(person: string, defaultCountry: string, path: string): string {
  const { address, kind } = parseAddress(person, defaultCountry, path)
  if (kind !== 'person') throw invalidField(path, 'must be a person')
  return address
}

/** Nobody of those who were asked for: the first reason, and all of them by place. */
export function noneOf(people: readonly string[], refused: readonly Refused[]): DomainError {
  const issues = refused.map(({ address, reason }) => ({
    path: `participants.${Math.max(0, people.indexOf(address))}`,
    code: 'custom',
    message: reason,
  }))
  return new DomainError('invalid', refused[0]?.reason ?? 'Nobody could be changed', { issues })
}
