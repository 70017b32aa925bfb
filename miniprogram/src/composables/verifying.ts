import { onBeforeUnmount, ref, shallowRef } from 'vue'
import { api } from '@/api/client'
import { asProblem, Problem } from '@/api/problem'
import type { ScanResult } from '@/api/types'

const WAIT_S = 10
const PAUSE_MS = 1500
const HOLDER_MINUTE_S = 60

/** Who looks: a person who is logged in, or anyone under a name that they give. */
export interface Looker {
  loggedIn: boolean
  name: string
}

/** `form` · `sending` · `waiting` for the holder's word · `shown` · `refused`. */
export type VerifyStage = 'form' | 'sending' | 'waiting' | 'shown' | 'refused'

/** A look at somebody else's licence, by the code on their screen. What was seen is kept in memory only. */
export function useVerifying() {
  const stage = ref<VerifyStage>('form')
  const result = shallowRef<ScanResult | null>(null)
  const problem = shallowRef<Problem | null>(null)
  /** Seconds that the holder still has for an answer. */
  const left = ref(0)
  let turn = 0
  let timer: ReturnType<typeof setInterval> | undefined

  async function look(code: string, looker: Looker, purpose: string): Promise<void> {
    const mine = ++turn
    result.value = null
    problem.value = null
    stage.value = 'sending'
    const path = looker.loggedIn ? '/citizen/presentations/verifications' : '/public/verification/scans'
    const body = looker.loggedIn ? { code, purpose } : { code, purpose, verifier: looker.name }
    const options = { anonymous: !looker.loggedIn }
    try {
      const found = await api.post<ScanResult>(path, body, options)
      if (mine !== turn) return
      if (found.state === 'shown') end('shown', found)
      else await wait(mine, `${path}/${encodeURIComponent(found.token ?? '')}`, found.expires_in ?? HOLDER_MINUTE_S, options)
    } catch (thrown) {
      if (mine === turn) refuse(asProblem(thrown))
    }
  }

  async function wait(mine: number, path: string, seconds: number, options: { anonymous: boolean }): Promise<void> {
    const until = Date.now() + seconds * 1000
    stage.value = 'waiting'
    left.value = seconds
    clearInterval(timer)
    timer = setInterval(() => (left.value = Math.max(0, Math.ceil((until - Date.now()) / 1000))), 1000)
    for (;;) {
      const found = await asked(path, options, until)
      if (mine !== turn) return
      if (found?.state === 'shown') return end('shown', found)
      if (Date.now() > until) return refuse(new Problem({ status: 404, code: 'presentation.request_unknown', detail: '持证人没有在 1 分钟内回答。请让对方重新出示后再扫。' }))
      await new Promise((done) => setTimeout(done, PAUSE_MS))
      if (mine !== turn) return
    }
  }

  /** Nothing while the holder has said nothing, and while a network that comes back may still tell. */
  async function asked(path: string, options: { anonymous: boolean }, until: number): Promise<ScanResult | null> {
    try {
      return await api.get<ScanResult>(path, { wait: WAIT_S }, options)
    } catch (thrown) {
      if (asProblem(thrown).offline && Date.now() < until) return null
      throw thrown
    }
  }

  function end(how: VerifyStage, found: ScanResult | null): void {
    clearInterval(timer)
    stage.value = how
    result.value = found
  }

  function refuse(found: Problem): void {
    end('refused', null)
    problem.value = found
  }

  /** Back to the form; nothing of what was seen stays. */
  function reset(): void {
    turn += 1
    clearInterval(timer)
    stage.value = 'form'
    result.value = null
    problem.value = null
  }

  onBeforeUnmount(reset)
  return { stage, result, problem, left, look, reset }
}
