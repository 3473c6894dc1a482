import { expect, test } from 'vitest'
import { openCourse } from './course.ts'

test('only a connection that stayed open for a minute lets the next one begin anew', () => {
  let now = 0
  const course = openCourse(() => now)
  const connection = (openMs: number | undefined) => {
    course.begun()
    if (openMs !== undefined) {
      course.opened()
      now += openMs
    }
    course.ended()
    return course.tries
  }
  expect([connection(undefined), connection(500), connection(59_999)]).toEqual([1, 2, 3])
  expect([connection(60_000), connection(undefined), connection(1)]).toEqual([1, 2, 3])
})

test('nobody answered: said once', () => {
  const course = openCourse()
  course.silent()
  expect([course.ended(), course.ended()]).toEqual([{ isSilent: true }, { isSilent: false }])
})
