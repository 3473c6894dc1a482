/** The parts of a request's path, and its query with the mark: whatever a client has sent, it is no mistake here. */
export function splitTarget(target = '/'): { path: string[]; search: string } {
  const mark = target.indexOf('?')
  const [, ...path] = (mark < 0 ? target : target.slice(0, mark)).split('/')
  return { path, search: mark < 0 ? '' : target.slice(mark) }
}
