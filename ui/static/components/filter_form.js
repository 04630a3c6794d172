// Gradio runs this with the form as `element`; `trigger` sends an event with its data.
element.addEventListener('change', (event) => {
  const field = event.target.dataset.field;
  if (!field) return;
  trigger('input', { field: field, value: event.target.value });
  if (event.target.tagName === 'SELECT') event.target.value = '';
});
