import { ref } from 'vue'
import { api } from '@/api/client'
import { asProblem } from '@/api/problem'
import { keepPdf } from '@/lib/download'
import { useNotice } from '@/stores/notice'
import { casesAt } from './door'

/** Keep the receipt of a case, or the document that it resulted in. */
export function useReceipt(caseNo: () => string, which: 'receipt' | 'result' = 'receipt', uscc: () => string = () => '') {
  const notice = useNotice()
  const busy = ref(false)

  async function keep(): Promise<void> {
    if (busy.value) return
    busy.value = true
    try {
      const file = await api.file(`${casesAt(uscc(), caseNo())}/${which}.pdf`)
      keepPdf(file, `${caseNo()}${which === 'receipt' ? '回执' : '结果'}.pdf`, notice.say)
    } catch (thrown) {
      notice.say(asProblem(thrown).detail)
    } finally {
      busy.value = false
    }
  }

  return { busy, keep }
}
