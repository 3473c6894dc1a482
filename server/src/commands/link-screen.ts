/** What a person at the terminal sees while a number is linked. */
export type LinkScreen = {
  /** Draws it when it is another one than before; undefined: there is none yet. */
  qr(text: string | undefined): Promise<void>
  letters(shown: { code: string; until: string | null } | undefined): void
  away(): void
  /** It is closed for a moment. */
  resting(advice: Advice): void
  linked(name: string, phone: string): void
  /** It is linked, and does not work for now. */
  troubled(advice: Advice): void
  over(advice: Advice): void
}

type Advice = { meaning: string; action: string } | null

const wordsOf = (advice: Advice): string => (advice ? `${advice.meaning}\n${advice.action}` : '')

const PATIENCE_MS = 20_000

export function openLinkScreen(name: string): LinkScreen {
  let shown: string | undefined
  let lines = 0
  const said = new Set<string>()
  const say = (words: string) => {
    if (!said.has(words)) console.log(words)
    said.add(words)
    lines = 0 // what was drawn is no longer the last thing on the screen
  }
  const since = performance.now()
  const wait = (what: string) => {
    say(`Waiting for ${what} …`)
    if (performance.now() - since > PATIENCE_MS)
      say(`Still none. Does a Chasqui with the roles engine and web-channels run, and does it reach WhatsApp? Its log says more.`)
  }
  return {
    async qr(text) {
      if (text === undefined && shown === undefined) wait('the QR')
      if (text === undefined || text === shown) return
      if (shown === undefined) say(`To link ${name}, on the phone: WhatsApp > Linked devices > Link a device. Then scan:\n`)
      const drawn = await draw(text)
      if (lines > 0 && process.stdout.isTTY) process.stdout.write(`\x1b[${lines}A\x1b[J`)
      console.log(`${drawn}\n(It changes now and then; the newest one counts. Ctrl-C to leave.)`)
      lines = drawn.split('\n').length + 1
      shown = text
    },
    letters(now) {
      if (!now || now.until === null) return wait('WhatsApp to know the letters')
      if (now.code === shown) return
      shown = now.code
      console.log(
        `To link ${name}, on the phone: WhatsApp > Linked devices > Link a device > Link with phone number instead.\nType:  ${now.code}  (until ${clockOf(now.until)})`,
      )
    },
    away: () => say('(The house is away.)'),
    resting: (advice) => say(advice?.meaning ?? 'It is closed for a moment.'),
    linked: (as, phone) => console.log(`\nLinked: ${as} is ${phone}.`),
    troubled: (advice) => console.log(`${name} is linked already, and does not work for now. ${wordsOf(advice)}`),
    over(advice) {
      console.log(`\nNot linked. ${wordsOf(advice)}`)
      process.exitCode = 1
    },
  }
}

/** In a terminal with its own colours, so that dark on light is so in every theme; else in plain characters. */
async function draw(text: string): Promise<string> {
  const { default: qrcode } = await import('qrcode')
  const options = { errorCorrectionLevel: 'L' } as const
  return process.stdout.isTTY
    ? qrcode.toString(text, { ...options, type: 'terminal', small: true })
    : qrcode.toString(text, { ...options, type: 'utf8' })
}

const clockOf = (at: string): string => new Date(at).toLocaleTimeString(undefined, { hour12: false })
