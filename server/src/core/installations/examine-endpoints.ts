import type { Db } from '#kit/db'
import { type EndpointHealth, selectFailing } from './examine-endpoints.store.ts'
import type { Finding } from './finding.ts'

const SHOWN_MOST = 20

/** Each webhook that was switched off because it failed, or is only probed now and then. */
export async function examineEndpoints(db: Db): Promise<Finding[]> {
  const failing = await selectFailing(db, SHOWN_MOST)
  return failing.length === 0 ? [{ ok: true, what: 'no webhook fails' }] : failing.map(wordsOf)
}

function wordsOf({ url, disabledReason, failures, probeAt }: EndpointHealth): Finding {
  const where = URL.parse(url)?.origin ?? 'an address that is none' // the path may hold a token
  if (disabledReason !== undefined)
    return {
      ok: false,
      what: `a webhook at ${where} is switched off (${disabledReason}): it hears nothing`,
      advice: 'Mend the receiver, then enable it: PATCH /v2/webhooks/{id} {"state": "enabled"}; what it missed can be replayed.',
    }
  return {
    ok: false,
    what: `a webhook at ${where} failed ${failures} times in a row and is only probed, next at ${probeAt?.toISOString() ?? 'once'}`,
    advice: 'Look at the receiver, and at GET /v2/webhooks/{id}/deliveries. One success and everything goes on.',
  }
}
