// The three calls of the Lambda runtime's native HTTP client, over node:http: the runtime itself is AWS's own.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
const { request } = require('node:http')

const base = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`
let posted = Promise.resolve()

module.exports = {
  next: async () => {
    await posted
    const { headers, body } = await call('GET', '/next')
    return { headers, bodyJson: body }
  },
  done: (id, body) => {
    posted = call('POST', `/${id}/response`, body)
  },
  error: (id, body) => {
    posted = call('POST', `/${id}/error`, body)
  },
}

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const sent = request(base + path, { method }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      answer.on('end', () => resolve({ headers: answer.headers, body: text }))
    })
    sent.on('error', reject).end(body)
  })
}
