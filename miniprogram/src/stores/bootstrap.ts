import { reactive, readonly } from 'vue'
import { api } from '@/api/client'
import { asProblem, type Problem } from '@/api/problem'
import type { Bootstrap } from '@/api/types'

interface State {
  data: Bootstrap | null
  problem: Problem | null
}

const state = reactive<State>({ data: null, problem: null })
let pending: Promise<Bootstrap> | null = null

/** What the province says about itself, asked for once per start unless `anew`. Rejects with a Problem. */
function load(anew = false): Promise<Bootstrap> {
  if (state.data && !anew) return Promise.resolve(state.data as Bootstrap)
  pending ??= api
    .get<Bootstrap>('/public/bootstrap', undefined, { anonymous: true })
    .then((data) => {
      state.data = data
      state.problem = null
      return data
    })
    .catch((thrown: unknown) => {
      state.problem = asProblem(thrown)
      throw state.problem
    })
    .finally(() => {
      pending = null
    })
  return pending
}

export function useBootstrap() {
  return { state: readonly(state) as Readonly<State>, load }
}
