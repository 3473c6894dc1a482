import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { FILES_LEFT_OUT } from './test/conformance/places/left-out.ts'

export default defineConfig({
  test: {
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'server',
          root: 'server',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          globalSetup: [fileURLToPath(new URL('./server/test/global-setup.ts', import.meta.url))],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      // these two speak HTTP to houses that they start themselves
      {
        test: { name: 'conformance', root: 'test', include: ['conformance/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
      },
      // once more, over an own number that a person has linked
      {
        test: {
          name: 'own-number',
          root: 'test',
          include: ['conformance/blueticks-co/*.test.ts'],
          exclude: Object.keys(FILES_LEFT_OUT).map((name) => `conformance/blueticks-co/${name}.test.ts`),
          provide: { place: 'own number' },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: { name: 'mcp', include: ['mcp/src/**/*.test.ts', 'test/mcp/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 60_000 },
      },
      {
        test: { name: 'fuzz', root: 'test', include: ['fuzz/**/*.test.ts'], testTimeout: 180_000, hookTimeout: 60_000 },
      },
      {
        test: { name: 'crash', root: 'test', include: ['crash/**/*.test.ts'], testTimeout: 900_000, hookTimeout: 60_000 },
      },
    ],
  },
})
