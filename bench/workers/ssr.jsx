// A page rendered on the server with React: a list of articles with state, context and conditions.
import { createContext, useContext, useId, useMemo, useState } from 'react';
import { renderToReadableStream } from 'react-dom/server';

const Currency = createContext('EUR');

function Price({ cents }) {
  const currency = useContext(Currency);
  return <span className="price">{(cents / 100).toFixed(2)} {currency}</span>;
}

function Article({ article }) {
  const id = useId();
  const [amount] = useState(article.stock > 0 ? 1 : 0);
  return (
    <li className={article.stock ? 'there' : 'gone'}>
      <h2 id={id}>{article.name}</h2>
      <Price cents={article.cents} />
      {amount > 0 ? <button aria-describedby={id}>buy {amount}</button> : <em>sold out</em>}
    </li>
  );
}

function Page({ path }) {
  const articles = useMemo(() => Array.from({ length: 100 }, (_, i) => (
    { name: `Article ${i}`, cents: 199 + 7 * i, stock: i % 5 })), []);
  return (
    <html lang="en">
      <head><title>{`Shop ${path}`}</title></head>
      <body><main><h1>Articles</h1><ul>{articles.map((one) => <Article key={one.name} article={one} />)}</ul></main></body>
    </html>
  );
}

export default {
  async fetch(request) {
    const stream = await renderToReadableStream(<Page path={new URL(request.url).pathname} />);
    return new Response(stream, { headers: { 'content-type': 'text/html; charset=utf-8' } });
  },
};
