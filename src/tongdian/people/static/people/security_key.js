// Tells the person when the browser could not use a security key; the libraries only write to the console.
document.addEventListener('allauth.error', (event) => {
  event.preventDefault()
  const words = document.getElementById('key-failed')
  words.hidden = false
  words.focus()
})
