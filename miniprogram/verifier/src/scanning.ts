/** QR codes out of pictures and out of the camera. */

import jsQR from 'jsqr'

const LARGEST = 2000

function textIn(source: CanvasImageSource, width: number, height: number): string | null {
  const scale = Math.min(1, LARGEST / Math.max(width, height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(width * scale))
  canvas.height = Math.max(1, Math.round(height * scale))
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) return null
  context.fillStyle = '#fff'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.drawImage(source, 0, 0, canvas.width, canvas.height)
  const picture = context.getImageData(0, 0, canvas.width, canvas.height)
  return jsQR(picture.data, picture.width, picture.height)?.data ?? null
}

export async function textInFile(file: File): Promise<string | null> {
  const address = URL.createObjectURL(file)
  try {
    const image = new Image()
    image.src = address
    await image.decode()
    return textIn(image, image.naturalWidth, image.naturalHeight)
  } catch {
    return null
  } finally {
    URL.revokeObjectURL(address)
  }
}

/** Look through the camera until ``take`` says that it is enough; gives how to stop. */
export async function look(view: HTMLVideoElement, take: (text: string) => boolean): Promise<() => void> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
  let ended = false
  const stop = () => {
    ended = true
    stream.getTracks().forEach((track) => track.stop())
    view.hidden = true
  }
  view.srcObject = stream
  view.hidden = false
  await view.play()
  const frame = () => {
    if (ended) return
    const text = view.videoWidth > 0 ? textIn(view, view.videoWidth, view.videoHeight) : null
    if (text !== null && take(text)) return stop()
    window.setTimeout(frame, 120)
  }
  frame()
  return stop
}
