import { ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { asProblem, Problem } from '@/api/problem'
import { useSession } from '@/stores/session'

export interface Load<T> {
  data: ShallowRef<T | null>
  problem: ShallowRef<Problem | null>
  /** True while a request runs, also behind data that is already shown. */
  loading: Ref<boolean>
  load: () => Promise<void>
  /** Forget what was loaded, and an answer that is still on its way. */
  reset: () => void
}

/**
 * One thing that a page shows and how it is doing. Old data stay visible while new ones are asked
 * for and when asking fails; an answer that was overtaken by a newer request is dropped.
 */
export function useLoad<T>(ask: () => Promise<T>): Load<T> {
  const data = shallowRef<T | null>(null) as ShallowRef<T | null>
  const problem = shallowRef<Problem | null>(null)
  const loading = ref(false)
  let turn = 0

  async function load(): Promise<void> {
    const mine = ++turn
    loading.value = true
    try {
      const answer = await ask()
      if (mine !== turn) return
      data.value = answer
      problem.value = null
    } catch (thrown) {
      if (mine !== turn) return
      problem.value = asProblem(thrown)
      // What belongs to a person is not shown on after their session or their right to it ended.
      if (problem.value.status === 401 || problem.value.status === 403) data.value = null
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  function reset(): void {
    turn += 1
    data.value = null
    problem.value = null
    loading.value = false
  }

  return { data, problem, loading, load, reset }
}

/**
 * As useLoad, for what belongs to the person who is logged in: nothing is asked without a log-in, and
 * nothing of one person is left when another one logs in (tab pages live on behind the others).
 */
export function usePersonalLoad<T>(ask: () => Promise<T>): Load<T> {
  const session = useSession()
  const missing = () => new Problem({ status: 401, code: 'identity.session_missing' })
  const one = useLoad(async () => {
    if (!session.loggedIn.value) throw missing()
    return ask()
  })
  watch(
    () => session.state.person?.id,
    (id) => {
      one.reset()
      // A page that is open when the session ends offers the log-in instead of waiting for ever.
      if (!id) one.problem.value = missing()
    },
  )
  return one
}
