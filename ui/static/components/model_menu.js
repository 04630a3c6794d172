// Gradio runs this with the menu as `element`; `trigger` sends an event with its data.
element.addEventListener('click', async (event) => {
  // Each time it is opened, it is looked up which models are ready.
  if (event.target.closest('.model > summary') && !element.querySelector('.model').open) trigger('input', {});
  const chosen = event.target.closest('[data-backend]');
  if (chosen) trigger('select', { backend: chosen.dataset.backend });
  const test = event.target.closest('[data-test]');
  if (!test) return;
  const said = test.nextElementSibling;
  test.disabled = true;
  said.textContent = footnote.say('testing');
  try {
    const reply = await fetch(`${footnote.base}/api/backends/test`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ backend: test.dataset.test }),
    });
    const { seconds, error } = await reply.json();
    const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
    said.textContent = error?.message ?? footnote.say('tested', { seconds: seconds.toLocaleString(document.documentElement.lang, digits) });
  } catch {
    said.textContent = footnote.say('not_running');
  }
  test.disabled = false;
});
