import type { Level } from '@/api/types'
import type { Problem } from '@/api/problem'
import { dropStored, readStored, writeStored } from '@/lib/storage'
import { back, currentUrl, isOwnPage, open, pages, pathOf, replace, restartAt, switchTo } from '@/router'
import { useSession } from '@/stores/session'

/**
 * Stepping up: from wherever the person is to the level that they need, page by page, and back to
 * where they were. What they wanted is kept on the device, so a reload in the middle loses nothing.
 */
const KEY = 'step-up'

interface Errand {
  /** Level that is needed in the end. */
  level: number
  /** Level at the start, null when nobody was logged in: tells how many steps there are. */
  from: Level | null
  returnTo: string
}

const STEP_PAGES: readonly string[] = [pages.login, pages.identity, pages.face]

/** The page for the next step towards a level, or null when the level is reached. */
export function nextStep(level: Level | null, needed: number): string | null {
  if (level === null || level < 1) return pages.login
  if (needed >= 3 && level < 3) return pages.identity
  if (needed >= 4 && level < 4) return pages.face
  return null
}

function remembered(): Errand | null {
  const errand = readStored<Errand>(KEY)
  return errand && typeof errand.returnTo === 'string' && isOwnPage(errand.returnTo) ? errand : null
}

/** Start an errand, or widen the running one when a step page finds that an earlier step is missing. */
function begin(level: number, from: string): void {
  const onStep = STEP_PAGES.includes(pathOf(from))
  const earlier = onStep ? remembered() : null
  const errand: Errand = {
    level: Math.max(level, earlier?.level ?? 0),
    from: earlier ? earlier.from : useSession().level.value,
    returnTo: earlier?.returnTo ?? (onStep ? pages.me : from),
  }
  writeStored(KEY, errand)
  const step = nextStep(useSession().level.value, errand.level) ?? pages.face
  if (step === pathOf(from)) return
  if (onStep) replace(step)
  else open(step)
}

/** Take the person to the level; they come back to `returnTo`, which is where they are now. */
export function stepUp(level: number, returnTo: string = currentUrl()): void {
  begin(level, returnTo)
}

/** Log in and come back. */
export function logIn(returnTo: string = currentUrl()): void {
  begin(1, returnTo)
}

/**
 * If a refusal can be mended by the person (log in, prove more, consent), take them there.
 * Returns whether it did.
 */
export function mend(problem: Problem, returnTo: string = currentUrl()): boolean {
  if (problem.needsLogin) logIn(returnTo)
  else if (problem.needsLevel) stepUp(problem.requiredLevel ?? 3, returnTo)
  else if (problem.needsConsent) begin(4, returnTo)
  else return false
  return true
}

/** How many identity steps the running errand has (name and number, face). */
export function stepsOfErrand(): number {
  const errand = remembered()
  return errand && errand.level >= 4 && (errand.from ?? 0) < 3 ? 2 : 1
}

/** A step is done: on to the next one, or back to where the person was. */
export function stepDone(): void {
  const errand = remembered()
  const step = errand ? nextStep(useSession().level.value, errand.level) : null
  if (step) {
    replace(step)
    return
  }
  dropStored(KEY)
  comeBack(errand?.returnTo ?? null)
}

/** The person gave up: back to where they were, with nothing remembered. */
export function stepLeft(): void {
  dropStored(KEY)
  back()
}

function comeBack(returnTo: string | null): void {
  const stack = getCurrentPages()
  const below = stack[stack.length - 2] as { route?: string } | undefined
  if (returnTo === null || STEP_PAGES.includes(pathOf(returnTo))) {
    if (below && !STEP_PAGES.includes(`/${below.route}`)) back()
    else switchTo(pages.me)
    return
  }
  if (below && `/${below.route}` === pathOf(returnTo)) back()
  else replace(returnTo)
}

// ---------------------------------------------------------------- first start

const FIRST = 'first-run-return'

/** Ask for the first consent, then come back to the page that was opened. */
export function askConsent(returnTo: string): void {
  // Asked twice (on showing the page and when the policy's version is known), answered once.
  if (pathOf(currentUrl()) === pages.consent) return
  writeStored(FIRST, returnTo)
  restartAt(pages.consent)
}

export function consentDone(): void {
  const stored = readStored<string>(FIRST)
  dropStored(FIRST)
  restartAt(stored && isOwnPage(stored) ? stored : pages.home)
}
