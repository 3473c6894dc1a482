import type { Finding } from '#core/installations'
import type { Config } from '../config.ts'

const WITHIN_MS = 5_000

/** Is Chasqui at its port, and does its public address lead there? */
export async function examineReach({ host, port, publicUrl }: Pick<Config, 'host' | 'port' | 'publicUrl'>): Promise<Finding[]> {
  if (port === 0) return [{ ok: true, what: 'it takes any free port: whether it runs was not looked at' }]
  const here = await whoAnswers(`http://${hostOf(host)}:${port}`)
  const found: Finding[] = [portWords(here, port)]
  if (publicUrl === undefined) return found
  if (here.who !== 'chasqui')
    return [...found, { ok: true, what: `whether the world reaches ${publicUrl} was not tried: start Chasqui first` }]
  const there = await whoAnswers(publicUrl)
  return [...found, worldWords(there, publicUrl)]
}

/** `why`: it gave no answer that could be read. */
type Answerer = { who: 'chasqui' | 'other' | 'nobody'; why?: string }

function portWords({ who }: Answerer, port: number): Finding {
  if (who === 'chasqui') return { ok: true, what: `Chasqui answers at port ${port}` }
  if (who === 'nobody') return { ok: true, what: `port ${port} is free: Chasqui does not run` }
  const advice = 'Stop that one, or choose another port with CHASQUI_PORT.'
  return { ok: false, what: `another program has port ${port}`, advice }
}

function worldWords({ who, why }: Answerer, publicUrl: string): Finding {
  if (who === 'chasqui') return { ok: true, what: `${publicUrl} leads here` }
  return {
    ok: false,
    what: `${publicUrl}/healthz ${why === undefined ? 'is answered by something else' : `cannot be read (${why})`}`,
    advice: "Look at its DNS name, certificate and proxy: Meta's webhooks and the addresses of files lead there.",
  }
}

/** An address of this machine for one that stands for all of them. */
const hostOf = (host: string): string => ({ '0.0.0.0': '127.0.0.1', '::': '[::1]' })[host] ?? (host.includes(':') ? `[${host}]` : host)

async function whoAnswers(url: string): Promise<Answerer> {
  try {
    const answer = await fetch(`${url}/healthz`, { redirect: 'error', signal: AbortSignal.timeout(WITHIN_MS) })
    const told: unknown = await answer.json().catch(() => undefined)
    return { who: answer.ok && (told as { status?: unknown } | undefined)?.status === 'ok' ? 'chasqui' : 'other' }
  } catch (error) {
    const { code, message } = ((error as Error).cause ?? error) as { code?: string; message?: string } // fetch throws an Error with a cause
    return { who: code === 'ECONNREFUSED' ? 'nobody' : 'other', why: code ?? message ?? 'no answer' }
  }
}
