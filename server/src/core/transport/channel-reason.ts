/** Why a channel is closed. To add one: here, and its words in core/channels/channel-advice.ts. */
export type ClosedReason = SessionEnd | NetworkStop | 'reloading' | 'deleted'

/** Why a connection that is there does not work for now; the road mends it by itself. */
export type DegradedReason = 'network' | 'server' | 'silent'

/** The session of an own number has ended. */
type SessionEnd =
  | 'logged_out'
  | 'banned'
  | 'replaced'
  | 'outdated'
  | 'not_linked'
  | 'wrong_number'
  | 'number_taken'
  | 'network'
  | 'not_installed'
  | 'unreadable_keys'

/** The Cloud API takes nothing more from this number. */
type NetworkStop = 'bad_credentials' | 'number_gone' | 'restricted' | 'not_registered' | 'billing'
