import { changePlanAsOperator, findOrganizations } from '#core/organizations'
import { openFoundation } from '../foundation.ts'
import { type Command, wrongCall } from './command.ts'

export const plan: Command = {
  name: 'plan',
  usage: 'plan [ORGANIZATION free|pro|unlimited]',
  does: 'Put an organization on a plan; without words, show who is on which',
  options: {},
  async run({ config, positionals }) {
    const [organization, name, ...more] = positionals
    if (more.length > 0 || (organization !== undefined && name === undefined)) throw wrongCall(plan, 'Name an organization and a plan.')
    const foundation = await openFoundation(config, { alone: false })
    try {
      const { db } = foundation.database
      if (organization === undefined || name === undefined) {
        for (const one of await findOrganizations(db)) console.log(`${one.name}: ${one.plan}`)
        return
      }
      const changed = await changePlanAsOperator(db, { organization, plan: name })
      console.log(`${changed.name} is on the plan ${changed.plan} now.`)
    } finally {
      await foundation.close()
    }
  },
}
