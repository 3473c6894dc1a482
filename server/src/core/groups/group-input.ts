import { z } from 'zod'

export const GroupName = z.string().trim().min(1).max(100)
export const GroupDescription = z.string().max(2048)
export const Person = z.string().min(1).max(128)
/** How many people come in one request. */
export const PEOPLE_AT_ONCE = 256
export const People = z.array(Person).min(1).max(PEOPLE_AT_ONCE)
