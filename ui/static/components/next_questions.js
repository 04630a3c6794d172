// Gradio runs this with the questions as `element`; `trigger` sends an event with its data.
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-question]');
  if (!button) return;
  window.footnoteChat.sending(button.dataset.question);
  trigger('select', { question: button.dataset.question });
});
