import { onBeforeUnmount, ref, shallowRef, watch } from 'vue'
import { api } from '@/api/client'
import { asProblem, type Problem } from '@/api/problem'
import type { CodeState, Offer, ShowRequest, ShownCode, Usage, UsagePage } from '@/api/types'
import { unwatchAsked, watchAsked } from './asked'
import { useSession } from '@/stores/session'

const ASK_EVERY_S = 2
/** How often a scanned code is asked after: a look is in the log within a few seconds. */
const LOOKS_AFTER_SCAN = 15
/** The same where the log is not mine to read: a question would be there by then. */
const LOOKS_WITHOUT_LOG = 3
/** A little less than the minute for which the gateway waits. */
const ANSWER_WITHIN_S = 57

/** What is to be shown. */
export interface ShowChoice {
  licenceId: string
  fields: string[]
  purpose: string
  /** Ask me first, whoever scans. */
  confirm: boolean
}

/**
 * `code`: on the screen · `scanned`: somebody has it · `asked`: my word is waited for ·
 * `seen`: receipt · `declined`, `lapsed`: nothing was shown.
 */
export type ShowStage = 'code' | 'scanned' | 'asked' | 'seen' | 'declined' | 'lapsed'

/** Where codes come from: of one's own licences, or of one that somebody let me show. */
export interface ShowSource {
  offer(choice: ShowChoice): Promise<Offer>
  /** A new code; `replaces` is the one that was on the screen. */
  code(choice: ShowChoice, replaces: string): Promise<ShownCode>
  /** The log of the licence, where whoever shows it may read it. */
  looks?(choice: ShowChoice): Promise<UsagePage>
}

const OWN: ShowSource = {
  offer: ({ licenceId }) => api.get<Offer>('/citizen/presentations/offer', { licence_id: licenceId }),
  code: (choice, replaces) => api.post<ShownCode>('/citizen/presentations/codes', codeBody(choice, replaces)),
  looks: ({ licenceId }) => api.get<UsagePage>('/citizen/licence-usages', { licence: licenceId }),
}

/** What the gateway is asked for. */
export function codeBody(choice: ShowChoice, replaces: string): object {
  const { licenceId, fields, purpose, confirm } = choice
  return { licence_id: licenceId, fields, purpose, confirm, ...(replaces ? { replaces } : {}) }
}

/**
 * A code on the screen that renews itself until somebody has scanned it, the question whether they may
 * look, and the receipt. Everything is kept in memory and goes when the page is left.
 */
export function useShowing(source: ShowSource = OWN) {
  const session = useSession()
  const offer = shallowRef<Offer | null>(null)
  const code = shallowRef<ShownCode | null>(null)
  const problem = shallowRef<Problem | null>(null)
  const stage = ref<ShowStage>('code')
  const request = shallowRef<ShowRequest | null>(null)
  const receipt = shallowRef<Usage | null>(null)
  /** Seconds until the next code. */
  const left = ref(0)
  const answering = ref(false)
  const answerProblem = ref('')

  let choice: ShowChoice | null = null
  let turn = 0
  let timer: ReturnType<typeof setInterval> | undefined
  let renewAt = 0
  let endsAt = 0
  let seconds = 0
  let looksLeft = 0
  let busy = false
  let newest = ''
  let last = ''
  /** After my yes only the receipt is waited for. */
  let receiptOnly = false
  /** By this phone's own clock, which may differ from the gateway's. */
  let askedUntil = 0

  /** Put a code for this choice on the screen, in place of the one that is there. */
  async function show(next: ShowChoice): Promise<void> {
    const mine = ++turn
    if (choice?.licenceId !== next.licenceId) offer.value = null
    choice = { ...next }
    stage.value = 'code'
    code.value = null
    problem.value = null
    request.value = null
    receipt.value = null
    answerProblem.value = ''
    receiptOnly = false
    busy = false
    start()
    try {
      if (!offer.value) {
        const found = await source.offer(next)
        if (mine !== turn) return
        offer.value = found
      }
      const page = await source.looks?.(next)
      if (mine !== turn) return
      newest = page?.items[0]?.id ?? ''
      await renew(mine)
    } catch (thrown) {
      fail(mine, thrown)
    }
  }

  async function renew(mine: number): Promise<void> {
    if (!choice) return
    const made = await source.code(choice, last)
    last = made.code
    if (mine !== turn) return
    code.value = made
    problem.value = null
    renewAt = Date.now() + made.renew_after * 1000
    endsAt = Date.now() + made.expires_in * 1000
    left.value = made.renew_after
  }

  function fail(mine: number, thrown: unknown): void {
    if (mine !== turn) return
    code.value = null
    problem.value = asProblem(thrown)
    stop()
  }

  function start(): void {
    clearInterval(timer)
    seconds = 0
    timer = setInterval(tick, 1000)
  }

  function stop(): void {
    clearInterval(timer)
    timer = undefined
  }

  function tick(): void {
    seconds += 1
    if (stage.value === 'code' && code.value) left.value = Math.max(0, Math.ceil((renewAt - Date.now()) / 1000))
    if (busy) return
    if (stage.value === 'asked' && Date.now() > askedUntil) end('lapsed')
    else if (stage.value === 'code' && code.value && (left.value === 0 || seconds % ASK_EVERY_S === 0)) void step(watchCode)
    else if (stage.value === 'scanned') void step(followScan)
  }

  async function step(what: (mine: number) => Promise<void>): Promise<void> {
    const mine = turn
    busy = true
    try {
      await what(mine)
    } catch (thrown) {
      // Without a network the code on the screen still holds; one that is over is not shown on.
      if (mine !== turn) return
      if (stage.value === 'code' && (Date.now() > endsAt || asProblem(thrown).status > 0)) fail(mine, thrown)
      else if (stage.value === 'scanned' && looksLeft <= 0) end('seen')
    } finally {
      if (mine === turn) busy = false
    }
  }

  async function watchCode(mine: number): Promise<void> {
    const { state } = await api.post<CodeState>('/citizen/presentations/codes/state', { code: code.value?.code })
    if (mine !== turn) return
    if (state === 'used') {
      code.value = null
      last = ''
      looksLeft = LOOKS_AFTER_SCAN
      stage.value = 'scanned'
    } else if (state === 'gone' || left.value === 0) {
      await renew(mine)
    }
  }

  /** Somebody has scanned the code: they wait for my word, or have seen it already. */
  async function followScan(mine: number): Promise<void> {
    const id = choice?.licenceId ?? ''
    looksLeft -= 1
    if (!receiptOnly) {
      const waiting = await api.get<{ items: ShowRequest[] }>('/citizen/presentations/requests')
      if (mine !== turn) return
      const found = waiting.items.find((one) => one.licence_id === id)
      if (found) {
        request.value = found
        askedUntil = Date.now() + ANSWER_WITHIN_S * 1000
        stage.value = 'asked'
        return
      }
    }
    if (!source.looks) {
      // The log is its holder's: that nobody asks for my word any more says that they have seen it.
      if (looksLeft <= LOOKS_AFTER_SCAN - LOOKS_WITHOUT_LOG) end('seen')
      return
    }
    if (!choice) return
    const page = await source.looks(choice)
    if (mine !== turn) return
    const latest = page.items[0]
    if (latest && latest.id > newest) {
      receipt.value = latest
      newest = latest.id
      end('seen')
    } else if (looksLeft <= 0) {
      end('seen')
    }
  }

  function end(how: ShowStage): void {
    stage.value = how
    request.value = null
    receiptOnly = false
    stop()
  }

  /** Let them look, at all that was asked for or at less. */
  async function agree(fields: string[]): Promise<void> {
    await answer('confirm', { fields }, () => {
      request.value = null
      receiptOnly = true
      looksLeft = LOOKS_AFTER_SCAN
      stage.value = 'scanned'
    })
  }

  /** Do not; they are told so. */
  async function decline(): Promise<void> {
    await answer('decline', undefined, () => end('declined'))
  }

  async function answer(word: string, body: unknown, done: () => void): Promise<void> {
    const asked = request.value
    if (!asked || answering.value) return
    const mine = turn
    answering.value = true
    answerProblem.value = ''
    try {
      await api.post(`/citizen/presentations/requests/${encodeURIComponent(asked.id)}/${word}`, body)
      if (mine === turn) done()
    } catch (thrown) {
      const found = asProblem(thrown)
      if (mine !== turn) return
      if (found.status === 404 || found.status === 409) end('lapsed')
      else answerProblem.value = found.detail
    } finally {
      answering.value = false
    }
  }

  /**
   * Somebody who scanned a code before this page was opened may wait for my word: ask me now.
   *
   * @returns whether somebody does.
   */
  async function resume(): Promise<boolean> {
    unwatchAsked()
    if (!session.loggedIn.value) return false
    try {
      const { items } = await api.get<{ items: ShowRequest[] }>('/citizen/presentations/requests')
      const found = items[0]
      // What is asked about the code on the screen is found by watching it.
      if (!found || stage.value !== 'code') return false
      const mine = ++turn
      choice = { licenceId: found.licence_id, fields: [], purpose: found.purpose, confirm: false }
      newest = (await source.looks?.(choice).catch(() => undefined))?.items[0]?.id ?? ''
      if (mine !== turn) return false
      code.value = null
      request.value = found
      askedUntil = Date.now() + ANSWER_WITHIN_S * 1000
      stage.value = 'asked'
      start()
      return true
    } catch {
      return false
    }
  }

  /** The page is left: nothing stays behind, and the code that was on the screen is worth nothing more. */
  function leave(): void {
    if (last && session.loggedIn.value) {
      void api.post('/citizen/presentations/codes/away', { code: last }).catch(() => undefined)
    }
    if (last || stage.value === 'scanned' || stage.value === 'asked') watchAsked()
    last = ''
    turn += 1
    stop()
    choice = null
    offer.value = null
    code.value = null
    problem.value = null
    request.value = null
    receipt.value = null
    receiptOnly = false
    busy = false
    newest = ''
    stage.value = 'code'
  }

  watch(
    () => session.state.person?.id,
    () => {
      last = ''
      leave()
      unwatchAsked()
    },
  )
  onBeforeUnmount(leave)
  return { offer, code, problem, stage, request, receipt, left, answering, answerProblem, show, resume, agree, decline, leave }
}
