import { basename } from 'node:path'
import { beforeEach } from 'vitest'
import { TESTS_LEFT_OUT } from './left-out.ts'

beforeEach(({ task, skip }) => {
  const reason = TESTS_LEFT_OUT[basename(task.file.name, '.test.ts')]?.[task.fullTestName]
  if (reason !== undefined) skip(reason)
})
