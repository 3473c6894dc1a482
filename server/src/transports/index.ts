import { createBringup } from './bringup/index.ts'
export function openTransports({ network }: any): any {
  const t = createBringup(network)
  return { byKind: new Map([['sandbox', t]]), simulatorPort: network, parse: () => new Map(), hooks: () => async () => undefined, open: (i: any, l: any) => t.open?.(i, l), close: async () => undefined }
}
