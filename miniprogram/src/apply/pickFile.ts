import { Problem } from '@/api/problem'
import { isWeixin } from '@/platform'

export interface PickedFile {
  name: string
  /** Base64. */
  content: string
}

const LARGEST = 8 * 1024 * 1024

function tooLarge(): Problem {
  return new Problem({ status: 413, code: 'client.file_too_large', detail: '文件超过 8 MB，请压缩或分开上传。' })
}

function unreadable(): Problem {
  return new Problem({ status: 415, code: 'client.file_unreadable', detail: '这个文件打不开，请换一张照片或一份 PDF。' })
}

/** Let the person take a photo or choose a picture or a PDF; null when they close the chooser. */
export function pickFile(kind: 'picture' | 'file'): Promise<PickedFile | null> {
  return isWeixin ? pickInWeixin(kind) : pickInBrowser(kind)
}

async function pickInBrowser(kind: 'picture' | 'file'): Promise<PickedFile | null> {
  const file = await new Promise<File | null>((resolve) => {
    const chooser = document.createElement('input')
    chooser.type = 'file'
    chooser.accept = kind === 'picture' ? 'image/*' : 'image/*,application/pdf'
    chooser.onchange = () => resolve(chooser.files?.[0] ?? null)
    chooser.oncancel = () => resolve(null)
    chooser.click()
  })
  if (!file) return null
  if (file.size > LARGEST) throw tooLarge()
  return { name: file.name.slice(-100) || '文件', content: await base64Of(file) }
}

function base64Of(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''))
    reader.onerror = () => reject(unreadable())
    reader.readAsDataURL(file)
  })
}

interface MessageFile {
  path: string
  name: string
  size: number
}
/** What uni-app has no types for. */
declare const wx: {
  chooseMessageFile(options: { count: number; type: 'all'; success(answer: { tempFiles: MessageFile[] }): void; fail(): void }): void
}

async function pickInWeixin(kind: 'picture' | 'file'): Promise<PickedFile | null> {
  const chosen = await new Promise<MessageFile | null>((resolve) => {
    if (kind === 'file') {
      wx.chooseMessageFile({ count: 1, type: 'all', success: (answer) => resolve(answer.tempFiles[0] ?? null), fail: () => resolve(null) })
      return
    }
    uni.chooseMedia({
      count: 1,
      mediaType: ['image'],
      sizeType: ['compressed'],
      sourceType: ['camera', 'album'],
      success: ({ tempFiles }) => resolve(tempFiles[0] ? { path: tempFiles[0].tempFilePath, name: '照片.jpg', size: tempFiles[0].size } : null),
      fail: () => resolve(null),
    })
  })
  if (!chosen) return null
  if (chosen.size > LARGEST) throw tooLarge()
  const content = await new Promise<string>((resolve, reject) => {
    uni.getFileSystemManager().readFile({
      filePath: chosen.path,
      encoding: 'base64',
      success: ({ data }) => resolve(String(data)),
      fail: () => reject(unreadable()),
    })
  })
  return { name: chosen.name.slice(-100), content }
}
