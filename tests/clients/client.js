// What agent-chat-ui and Agent Inbox ask of a server, by the client that both have.
import { createElement as h } from "react";
import { createRoot } from "react-dom/client";
import { Client } from "@langchain/langgraph-sdk";
import { useStream } from "@langchain/langgraph-sdk/react";

const asked = new URLSearchParams(location.search);
const place = { apiUrl: asked.get("apiUrl"), apiKey: asked.get("apiKey") };
const assistantId = asked.get("assistantId");

// agent-chat-ui: the thread in the address, its whole history, a stream that is joined again after a reload.
function Chat() {
  const stream = useStream({
    ...place,
    assistantId,
    threadId: asked.get("threadId"),
    fetchStateHistory: true,
    reconnectOnMount: true,
    onThreadId: (id) => {
      asked.set("threadId", id);
      history.replaceState(null, "", `?${asked}`);
    },
  });
  window.say = (text) => {
    const said = [{ type: "human", content: text }];
    const how = { streamMode: ["values"], streamSubgraphs: true, streamResumable: true };
    stream.submit({ messages: said }, { ...how, optimisticValues: (known) => ({ ...known, messages: said }) });
  };
  window.decide = (...decisions) => stream.submit({}, { command: { resume: { decisions } } });
  window.turnBack = (message) => {
    const { firstSeenState } = stream.getMessagesMetadata(message);
    stream.submit(undefined, { checkpoint: firstSeenState.parent_checkpoint, streamMode: ["values"] });
  };
  window.messages = stream.messages;
  window.states = stream.history.length;
  return h("main", null,
    told("state", stream.isLoading ? "loading" : "still"),
    told("error", stream.error),
    told("answer", stream.values.answer),
    told("question", stream.interrupt?.value?.action_requests[0].description),
    stream.messages.map(({ id, type, content }) => h("article", { key: id, className: type }, content)),
  );
}

const told = (id, text) => h("p", { id }, text == null ? "" : String(text));

// Agent Inbox: threads that wait, the answers of a person, and threads that nobody will answer.
const client = new Client(place);
window.inbox = {
  waiting: () =>
    client.threads.search({ offset: 0, limit: 10, status: "interrupted", metadata: { graph_id: assistantId } }),
  state: (threadId) => client.threads.getState(threadId),
  send: async (threadId, resume) => {
    const run = await client.runs.create(threadId, assistantId, { command: { resume } });
    return client.runs.join(threadId, run.run_id);
  },
  hear: async (threadId, resume) => {
    const events = [];
    const how = { command: { resume }, streamMode: "events" };
    for await (const { event } of client.runs.stream(threadId, assistantId, how)) events.push(event);
    return events;
  },
  ignore: (threadId) => client.threads.updateState(threadId, { values: null, asNode: "__end__" }),
};

createRoot(document.body).render(h(Chat));
