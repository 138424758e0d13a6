// Keeps the page of a run under way up to date. Without it the page says the same when it is loaded again.
"use strict";

const said = document.querySelector("[data-job]");
const SECONDS = 2;

async function look() {
  const answer = await fetch(`/api/v1/jobs/${said.dataset.job}?lang=${said.dataset.language}`);
  if (!answer.ok) throw new Error(answer.status);
  const job = await answer.json();
  if (!job.active || job.stopping !== (said.dataset.stopping === "true")) {
    location.assign(location.pathname); // the server writes the page of what has ended
    return;
  }
  if (said.textContent !== job.said) said.textContent = job.said; // read out by a screen reader when it changes
  for (const stage of job.stages) {
    const item = [...document.querySelectorAll("[data-stage]")].find((one) => one.dataset.stage === stage.key);
    if (!item || item.dataset.state === stage.state) continue;
    item.dataset.state = stage.state;
    item.querySelector("[data-words]").textContent = stage.state_title;
    if (stage.state === "under_way") item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  }
  setTimeout(look, SECONDS * 1000);
}

function again() {
  look().catch(() => setTimeout(again, 5 * SECONDS * 1000)); // the server may be being started anew
}

if (said && !new URLSearchParams(location.search).has("follow")) {
  document.querySelector(".without-script").hidden = true;
  setTimeout(again, SECONDS * 1000);
}
