import { tellGroupAct } from './group-notices.ts'
import { tellReceipt } from './receipts.ts'
import { note, type WebState } from './web-state.ts'
import { tellMessage } from './write-inbound.ts'

/** Whatever happens on the network is told to the devices it concerns; the answer ends it. */
export function followNetwork(state: WebState): () => void {
  const failed = (error: Error) => note(state.failures, error)
  const stops = [
    state.network.on('message', (inbound) => void tellMessage(state, inbound).catch(failed)),
    state.network.on('group', (act) => tellGroupAct(state, act)),
    state.network.on('receipt', (receipt) => tellReceipt(state, receipt)),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}
