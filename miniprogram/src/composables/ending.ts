import { shallowRef } from 'vue'
import { useAct } from './act'
import { useNotice } from '@/stores/notice'

/** One of a list that is to be ended: asked about first, then ended, said, and the list read again. */
export function useEnding<T>(remove: (one: T) => Promise<unknown>, said: string, load: () => Promise<unknown>) {
  const notice = useNotice()
  const ending = shallowRef<T | null>(null)
  const { busy, problem: refused, act } = useAct()

  async function end(): Promise<void> {
    const one = ending.value
    if (one === null) return
    const done = await act(async () => {
      await remove(one)
      return true
    })
    ending.value = null
    if (!done) return
    notice.say(said)
    await load()
  }

  return { ending, end, busy, refused, act }
}
