/** A POST; throws unless it is answered with yes. */
export async function call<Body>(url: string, key: string, body: unknown): Promise<Body> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`)
  return JSON.parse(text)
}

/** A GET; undefined when nobody answers with yes. */
export async function look<Body>(url: string, key: string): Promise<Body | undefined> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } }).catch(() => undefined)
  const body = await answer?.json().catch(() => undefined)
  return answer?.ok ? (body as Body) : undefined // the caller knows the route
}
