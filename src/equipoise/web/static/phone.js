// A participant's page: it moves on by itself, keeps what is typed, and sends again what a lost
// connection swallowed. Everything works without this.
(() => {
  const main = () => document.getElementById('main-content')
  const byId = (id) => document.getElementById(id)
  const kept = () => main().dataset.keep && `typed ${main().dataset.keep}`
  let touched = false
  let sending = false
  let wait = 0

  const fields = (form) => [...form.elements].filter((one) =>
    one.name && !['csrfmiddlewaretoken', 'step', 'question', 'part'].includes(one.name) &&
    !one.name.startsWith('seen.'))

  const keep = (form) => {
    if (!kept()) return
    const typed = fields(form).map((one) => [one.name, one.value,
      ['radio', 'checkbox'].includes(one.type) ? one.checked : null])
    sessionStorage.setItem(kept(), JSON.stringify([form.elements.part?.value ?? '', typed]))
  }

  const forget = (name) => { if (name) sessionStorage.removeItem(name) }

  // What was typed before a reload or a lost connection, put back; with the id of its sending, so
  // that it is taken once even if it had arrived.
  const putBack = () => {
    const held = kept() && sessionStorage.getItem(kept())
    if (!held || byId('faults')) return
    const [part, typed] = JSON.parse(held)
    const form = [...document.querySelectorAll('form[data-send]')]
      .find((one) => (one.elements.part?.value ?? '') === part)
    if (!form) return forget(kept())
    for (const [name, value, checked] of typed) {
      for (const one of fields(form)) {
        if (one.name !== name) continue
        if (checked === null) one.value = value
        else if (one.value === value) one.checked = checked
      }
    }
    touched = true
  }

  const show = (text, address) => {
    const fresh = new DOMParser().parseFromString(text, 'text/html')
    const next = fresh.getElementById('main-content')
    if (!next) return location.assign(address)
    main().replaceWith(next)
    document.title = fresh.title
    history.replaceState(null, '', address)
    touched = false
    const faults = byId('faults')
    byId('told').textContent = faults ? '' : next.querySelector('h1')?.textContent ?? ''
    if (faults) faults.focus()
    else { next.focus({ preventScroll: true }); scrollTo(0, 0) }
    begin()
  }

  const look = async () => {
    const { now, page } = main().dataset
    if (now && !document.hidden && !sending) {
      try {
        const said = await fetch(now)
        if (said.status === 200 && !sending) {
          if (touched || byId('faults')) byId('moved-on').hidden = false
          else show(await said.text(), page)
        }
      } catch { /* no connection: look again later */ }
    }
    wait = setTimeout(look, 1000 * (main().dataset.every || 5) * (0.9 + 0.2 * Math.random()))
  }

  const send = async (form, name) => {
    const body = new URLSearchParams(new FormData(form))
    for (;;) {
      try {
        const answer = await fetch(form.action, { method: 'POST', body, headers: { 'X-Phone': '1' } })
        if (answer.status < 500) {
          if (answer.status < 400) forget(name)
          const address = answer.redirected ? answer.url : location.href
          return show(await answer.text(), answer.ok ? main().dataset.page ?? address : address)
        }
      } catch { /* told below */ }
      if (byId('offline')) byId('offline').hidden = false
      byId('told').textContent = 'Not sent yet: there is no connection.'
      await new Promise((done) => setTimeout(done, 3000))
    }
  }

  document.addEventListener('input', (event) => {
    const form = event.target.closest('form[data-send]')
    if (form) { touched = true; keep(form) }
  })
  document.addEventListener('submit', async (event) => {
    const form = event.target.closest('form[data-send]')
    if (!form) return
    event.preventDefault()
    if (sending) return
    sending = true
    keep(form)
    try { await send(form, kept()) } finally { sending = false }
  })

  const begin = () => {
    clearTimeout(wait)
    putBack()
    if (main().dataset.now) wait = setTimeout(look, 1000 * (main().dataset.every || 5))
    if (main().dataset.waits) setTimeout(() => location.reload(), 1000 * main().dataset.waits)
  }
  byId('faults')?.focus()
  begin()
})()
