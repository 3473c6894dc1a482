/** One thing that the doctor looked at; `advice`: what to do when it is not ok. */
export type Finding = { ok: boolean; what: string; advice?: string }
