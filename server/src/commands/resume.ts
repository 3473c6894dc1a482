import { resumeHeld } from '#core/messages'
import { silenceHeld } from '#core/recurrences'
import { openFoundation } from '../foundation.ts'
import { type Command, wrongCall } from './command.ts'

export const resume: Command = {
  name: 'resume',
  usage: 'resume --send | --expire',
  does: 'After a restore: send what was held, or let it expire',
  options: { send: { type: 'boolean' }, expire: { type: 'boolean' } },
  async run({ config, values }) {
    if (Boolean(values.send) === Boolean(values.expire)) throw wrongCall(resume, 'Say what becomes of the held messages.')
    const foundation = await openFoundation(config, { alone: false })
    try {
      const { database, events, clock } = foundation
      if (values.expire) await silenceHeld(database.db)
      const count = await resumeHeld({ database, events, now: () => clock.now() }, values.send ? 'send' : 'expire')
      console.log(count === 0 ? 'Nothing was held.' : `Held messages that ${values.send ? 'are due now' : 'expired'}: ${count}.`)
    } finally {
      await foundation.close()
    }
  },
}
