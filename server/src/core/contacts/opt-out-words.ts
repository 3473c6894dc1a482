import type { OptOutSettings } from '#core/workspaces'

/** By language, as carriers and people use them; a workspace may have its own instead. */
const STOP_WORDS = {
  en: ['stop', 'stopall', 'unsubscribe', 'cancel', 'end', 'quit', 'optout', 'opt out'],
  es: ['baja', 'parar', 'cancelar', 'desuscribir'],
  pt: ['sair', 'parar', 'cancelar', 'descadastrar'],
  fr: ['arret', 'stopper', 'desabonner'],
  de: ['stopp', 'abmelden', 'abbestellen'],
  it: ['annulla', 'cancella', 'disiscrivi'],
  id: ['berhenti', 'henti'],
} as const
const START_WORDS = {
  en: ['start', 'unstop', 'subscribe', 'optin', 'opt in'],
  es: ['alta', 'iniciar', 'suscribir'],
  pt: ['voltar', 'iniciar', 'assinar'],
  fr: ['reprendre', 'abonner'],
  de: ['anmelden', 'starten'],
  it: ['iscrivi', 'riprendi'],
  id: ['mulai', 'mula'],
} as const

const STOP_REPLY = 'You are unsubscribed and will get no more marketing messages from us. Write START to get them again.'
const START_REPLY = 'You are subscribed to our messages again. Write STOP to unsubscribe.'

/** What a workspace has that said nothing of it. */
export const OPT_OUT_DEFAULTS: Required<OptOutSettings> = {
  stopWords: [...new Set(Object.values(STOP_WORDS).flat())],
  startWords: [...new Set(Object.values(START_WORDS).flat())],
  stopReply: STOP_REPLY,
  startReply: START_REPLY,
}

const LENGTH_MOST = 64

/** 'Arrêt !' and 'arret' are one word. */
const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[\s.!]+$/u, '')
    .trim()

/** What a workspace listens for, ready to be looked up. */
export type OptOutWords = { stop: ReadonlySet<string>; start: ReadonlySet<string>; stopReply: string | null; startReply: string | null }

const NONE: OptOutSettings = {}
const made = new WeakMap<OptOutSettings, OptOutWords>()

/** Of a workspace's settings: folded once for as long as it keeps them. */
export function optOutWords(settings: OptOutSettings = NONE): OptOutWords {
  const known = made.get(settings) ?? make(settings)
  made.set(settings, known)
  return known
}

function make(settings: OptOutSettings): OptOutWords {
  const { stopWords, startWords, stopReply, startReply } = { ...OPT_OUT_DEFAULTS, ...settings }
  return { stop: new Set(stopWords.map(fold)), start: new Set(startWords.map(fold)), stopReply, startReply }
}

/** The whole text and nothing around it; a sentence with the word in it means something else. */
export function readOptOutWord(text: string, { stop, start }: OptOutWords): 'stop' | 'start' | undefined {
  if (text.length > LENGTH_MOST) return undefined
  const word = fold(text)
  if (stop.has(word)) return 'stop'
  return start.has(word) ? 'start' : undefined
}
