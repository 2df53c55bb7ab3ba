// Starts GOV.UK Frontend's components on pages whose browser has scripts. Everything works without.
const named = document.querySelector('script[data-components]')

document.body.classList.add('js-enabled')
if ('noModule' in HTMLScriptElement.prototype) {
  document.body.classList.add('govuk-frontend-supported')
}
if (named) {
  import(named.dataset.components).then((components) => components.initAll())
}

// What somebody opened stays open when htmx brings the same part of the page anew.
let opened = []
document.addEventListener('htmx:beforeSwap', (event) => {
  opened = [...event.detail.target.querySelectorAll('details[open][id]')].map((one) => one.id)
})
document.addEventListener('htmx:afterSwap', () => {
  for (const id of opened) document.getElementById(id)?.setAttribute('open', '')
})
