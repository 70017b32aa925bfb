import { ref, shallowRef } from 'vue'
import { asProblem, type Problem } from '@/api/problem'

/** Something that is done once at a time, and what the gateway said when it was not. */
export function useAct() {
  const busy = ref(false)
  const problem = shallowRef<Problem | null>(null)

  /** Do it; null when it is under way already, or did not succeed. */
  async function act<T>(what: () => Promise<T>): Promise<T | null> {
    if (busy.value) return null
    busy.value = true
    problem.value = null
    try {
      return await what()
    } catch (thrown) {
      problem.value = asProblem(thrown)
      return null
    } finally {
      busy.value = false
    }
  }

  return { busy, problem, act }
}
