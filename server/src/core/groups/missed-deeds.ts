import type { GroupDeed, GroupEdit, RoadGroup } from '#core/transport'

type Missed = Exclude<GroupDeed, { kind: 'known' }>

/** What was done to a group between our picture of it and the network's; by whom, nobody told. */
export function missedDeeds(ours: Omit<RoadGroup, 'address'>, theirs: RoadGroup): Missed[] {
  const before = new Map(ours.participants.map(({ address, role }) => [address, role]))
  const after = new Map(theirs.participants.map(({ address, role }) => [address, role]))
  const found: Missed[] = []
  const people = (kind: 'added' | 'removed' | 'promoted' | 'demoted', addresses: readonly string[]) => {
    if (addresses.length > 0) found.push({ kind, people: addresses })
  }
  const [are, were] = [[...after.keys()], [...before.keys()]]
  people(
    'removed',
    were.filter((address) => !after.has(address)),
  )
  people(
    'added',
    are.filter((address) => !before.has(address)),
  )
  people(
    'promoted',
    are.filter((address) => (before.get(address) ?? 'member') === 'member' && after.get(address) === 'admin'),
  )
  people(
    'demoted',
    are.filter((address) => before.get(address) === 'admin' && after.get(address) === 'member'),
  )
  const edit = editOf(ours, theirs)
  if (Object.keys(edit).length > 0) found.push({ kind: 'changed', ...edit })
  return found
}

function editOf(
  ours: Omit<RoadGroup, 'address' | 'participants'>,
  { name, description, onlyAdminsWrite, onlyAdminsEdit }: RoadGroup,
): GroupEdit {
  return {
    ...(name !== undefined && name !== ours.name && { name }),
    ...((description || undefined) !== ours.description && { description: description ?? '' }),
    ...(onlyAdminsWrite !== ours.onlyAdminsWrite && { onlyAdminsWrite }),
    ...(onlyAdminsEdit !== ours.onlyAdminsEdit && { onlyAdminsEdit }),
  }
}
