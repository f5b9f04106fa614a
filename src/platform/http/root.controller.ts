import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../auth/route-access.js';
import { CONFIG, type Config } from '../config/config.js';
import { Unlimited } from './unlimited.decorator.js';

/** A page for whoever opens the bare address in a browser: where things are, and how they are. */
@ApiExcludeController()
@Public()
@Unlimited()
@Controller()
export class RootController {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header(
    'Content-Security-Policy',
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'",
  )
  page(): string {
    const { SENDGRID_API_URL } = this.config;
    const mailbox = SENDGRID_API_URL
      ? link(`${SENDGRID_API_URL}/mailbox`, 'Mailbox', 'every mail the shop has sent')
      : '';
    return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Purser</title>
<meta name="viewport" content="width=device-width"><style>
body{font:16px/1.6 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem;color:#1b2330}
a{color:#0b5fff}li{margin:.4rem 0}code{background:#eef1f5;padding:.1rem .3rem;border-radius:.2rem}
#health{padding:.6rem .8rem;border-radius:.4rem;background:#eef1f5}</style>
<h1>Purser</h1><p>The backend of a shop’s money: accounts, orders, payments, and the mail that tells of them.</p>
<p id="health">Asking for health…</p><ul>
${link('/docs', 'API documentation', 'try every route in the browser')}
${link('/docs-json', 'OpenAPI document', 'for generators')}
${link('/v1/products', 'Products', 'what is for sale')}
${link('/health/ready', 'Health', 'what the probes see')}
${mailbox}</ul>
<script>const box=document.getElementById('health');async function look(){try{
const r=await fetch('/health/ready');const body=await r.json();
box.textContent=(r.ok?'Ready. ':'Not ready. ')+Object.entries(body.details||{}).map(([k,v])=>k+': '+v.status).join(', ');
}catch{box.textContent='The server does not answer.'}}look();setInterval(look,5000)</script></html>`;
  }
}

function link(href: string, name: string, what: string): string {
  return `<li><a href="${href}">${name}</a>: ${what}</li>`;
}
