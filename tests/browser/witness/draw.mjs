// Draws lists of blocks with `slack-blocks-to-jsx`: {users, surfaces} as JSON on standard input, a list of HTML out.
import { json } from "node:stream/consumers";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { Message } from "slack-blocks-to-jsx";

const { users, surfaces } = await json(process.stdin);
const given = { logo: "", name: "connectbot", time: new Date(0), withoutWrapper: true, unstyled: true, data: { users } };
process.stdout.write(JSON.stringify(surfaces.map((blocks) => renderToStaticMarkup(createElement(Message, { blocks, ...given })))));
