/** Something that several want to change: each has its turn, in the order of asking. */
export type Turns = { turn: Promise<unknown> }

export const noTurns = (): Turns => ({ turn: Promise.resolve() })

export function inTurn<Result>(turns: Turns, work: () => Promise<Result>): Promise<Result> {
  const done = turns.turn.then(work)
  turns.turn = done.catch(() => undefined) // whoever asked hears of it
  return done
}
