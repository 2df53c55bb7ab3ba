// On pages of drafts: a link to a line puts the cursor there. Without scripts it leads to the text.
document.addEventListener('click', (event) => {
  const link = event.target.closest('a[data-line]')
  const text = document.getElementById('text')
  if (!link || !text) return
  event.preventDefault()
  const lines = text.value.split('\n')
  const number = Math.min(Number(link.dataset.line), lines.length)
  const start = lines.slice(0, number - 1).reduce((sum, line) => sum + line.length + 1, 0)
  text.focus()
  text.setSelectionRange(start, start + lines[number - 1].length)
  text.scrollTop = (text.scrollHeight / lines.length) * Math.max(number - 6, 0)
})

// What came back must not go over what was typed since it was asked for.
let asked = ''
document.addEventListener('htmx:beforeRequest', () => {
  asked = document.getElementById('text')?.value
})
document.addEventListener('htmx:oobBeforeSwap', (event) => {
  const target = event.detail.target
  const text = document.getElementById('text')
  if (target.id === 'guided') {
    event.detail.shouldSwap = text.value === asked && !target.contains(document.activeElement)
  } else if (target.id === 'was') {
    event.detail.shouldSwap = text.value === asked
  } else if (target === text) {
    event.detail.shouldSwap = false
    if (text.value === asked) {
      const { selectionStart, selectionEnd, scrollTop } = text
      text.value = event.detail.fragment.firstElementChild.value
      text.setSelectionRange(selectionStart, selectionEnd)
      text.scrollTop = scrollTop
      asked = text.value
    }
  }
})
