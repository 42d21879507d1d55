package imports

import (
	"slices"
	"strings"
	"unicode"
)

// Word says what somebody usually means by a name.
type Word struct {
	Text     string   // as in `rabbitmq`, or several parts: `mongo-express`
	Kinds    []string // all that it may be
	Protocol string   // that it is talked to by; "" where that is not known
	Port     int      // that it usually listens on
	Keys     []string // environment keys and arguments that set a password that it then asks for
	Own      bool     // says what a program of one's own is for: always a guess
	Reason   string
}

// words is the table. An entry before another is looked at first, so what is more special stands above.
var words = []Word{
	// Consoles, whose names often have the name of what they show in them.
	{Text: "phpmyadmin", Kinds: k("admin_interface", "webapp"), Protocol: "http", Port: 80, Reason: "console of MySQL"},
	{Text: "adminer", Kinds: k("admin_interface", "webapp"), Protocol: "http", Port: 8080, Reason: "console of SQL databases"},
	{Text: "pgadmin", Kinds: k("admin_interface", "webapp"), Protocol: "http", Port: 80, Reason: "console of PostgreSQL"},
	{Text: "pgadmin4", Kinds: k("admin_interface", "webapp"), Protocol: "http", Port: 80, Reason: "console of PostgreSQL"},
	{Text: "mongo-express", Kinds: k("admin_interface", "webapp"), Protocol: "http", Port: 8081, Reason: "console of MongoDB"},
	{Text: "redis-commander", Kinds: k("admin_interface", "webapp"), Protocol: "http", Port: 8081, Reason: "console of Redis"},
	{Text: "redisinsight", Kinds: k("admin_interface", "webapp"), Protocol: "http", Port: 5540, Reason: "console of Redis"},
	{Text: "kafka-ui", Kinds: k("admin_interface", "webapp"), Protocol: "http", Port: 8080, Reason: "console of Kafka"},
	{Text: "kafdrop", Kinds: k("admin_interface", "webapp"), Protocol: "http", Port: 9000, Reason: "console of Kafka"},
	{Text: "akhq", Kinds: k("admin_interface", "webapp"), Protocol: "http", Port: 8080, Reason: "console of Kafka"},
	{Text: "opensearch-dashboards", Kinds: k("admin_interface", "webapp"), Protocol: "http", Port: 5601, Reason: "console of OpenSearch"},
	{Text: "kibana", Kinds: k("admin_interface", "webapp"), Protocol: "http", Port: 5601, Reason: "console of Elasticsearch"},
	{Text: "cerebro", Kinds: k("admin_interface", "webapp"), Protocol: "http", Port: 9000, Reason: "console of Elasticsearch"},
	{Text: "portainer", Kinds: k("admin_interface", "orchestrator"), Protocol: "http", Port: 9000, Reason: "console of containers"},
	{Text: "dozzle", Kinds: k("admin_interface", "webapp"), Protocol: "http", Port: 8080, Reason: "shows logs of containers"},
	{Text: "flower", Kinds: k("admin_interface", "webapp"), Protocol: "http", Port: 5555, Reason: "console of Celery"},
	{Text: "mailpit", Kinds: k("mail_server", "admin_interface"), Protocol: "smtp", Port: 1025, Reason: "catches mail and shows it to everybody"},
	{Text: "mailhog", Kinds: k("mail_server", "admin_interface"), Protocol: "smtp", Port: 1025, Reason: "catches mail and shows it to everybody"},
	{Text: "maildev", Kinds: k("mail_server", "admin_interface"), Protocol: "smtp", Port: 1025, Reason: "catches mail and shows it to everybody"},
	{Text: "mailcatcher", Kinds: k("mail_server", "admin_interface"), Protocol: "smtp", Port: 1025, Reason: "catches mail and shows it to everybody"},
	// What watches. Exporters have the name of what they watch in them, too.
	{Text: "exporter", Kinds: k("monitoring_server"), Protocol: "http", Reason: "exports metrics"},
	{Text: "prometheus", Kinds: k("monitoring_server"), Protocol: "http", Port: 9090, Reason: "stores metrics"},
	{Text: "alertmanager", Kinds: k("monitoring_server"), Protocol: "http", Port: 9093, Reason: "sends alerts"},
	{Text: "grafana", Kinds: k("monitoring_server", "admin_interface"), Protocol: "http", Port: 3000, Keys: k("GF_SECURITY_ADMIN_PASSWORD"), Reason: "shows metrics"},
	{Text: "jaeger", Kinds: k("monitoring_server"), Protocol: "http", Port: 16686, Reason: "keeps traces, with what is in requests"},
	{Text: "zipkin", Kinds: k("monitoring_server"), Protocol: "http", Port: 9411, Reason: "keeps traces, with what is in requests"},
	{Text: "tempo", Kinds: k("monitoring_server"), Protocol: "http", Port: 3200, Reason: "keeps traces"},
	{Text: "otelcol", Kinds: k("monitoring_server"), Protocol: "grpc", Port: 4317, Reason: "collects traces and logs"},
	{Text: "otel-collector", Kinds: k("monitoring_server"), Protocol: "grpc", Port: 4317, Reason: "collects traces and logs"},
	{Text: "opentelemetry-collector", Kinds: k("monitoring_server"), Protocol: "grpc", Port: 4317, Reason: "collects traces and logs"},
	{Text: "cadvisor", Kinds: k("monitoring_server"), Protocol: "http", Port: 8080, Reason: "watches containers"},
	{Text: "skywalking", Kinds: k("monitoring_server"), Protocol: "http", Reason: "keeps traces"},
	{Text: "loki", Kinds: k("logging_server", "store"), Protocol: "http", Port: 3100, Reason: "keeps logs"},
	{Text: "fluentd", Kinds: k("logging_server"), Protocol: "tcp", Port: 24224, Reason: "collects logs"},
	{Text: "fluent-bit", Kinds: k("logging_server"), Protocol: "tcp", Port: 24224, Reason: "collects logs"},
	{Text: "logstash", Kinds: k("logging_server"), Protocol: "tcp", Port: 5044, Reason: "collects logs"},
	{Text: "graylog", Kinds: k("logging_server", "admin_interface"), Protocol: "http", Port: 9000, Reason: "keeps and shows logs"},
	{Text: "seq", Kinds: k("logging_server", "admin_interface"), Protocol: "http", Port: 5341, Reason: "keeps and shows logs"},
	// Stores.
	{Text: "postgres", Kinds: k("database"), Protocol: "sql", Port: 5432, Keys: k("POSTGRES_PASSWORD", "POSTGRESQL_PASSWORD", "POSTGRES_PASSWORD_FILE"), Reason: "PostgreSQL"},
	{Text: "postgresql", Kinds: k("database"), Protocol: "sql", Port: 5432, Keys: k("POSTGRESQL_PASSWORD", "POSTGRES_PASSWORD", "POSTGRESQL_POSTGRES_PASSWORD"), Reason: "PostgreSQL"},
	{Text: "postgressql", Kinds: k("database"), Protocol: "sql", Port: 5432, Reason: "PostgreSQL, a typo"},
	{Text: "postgis", Kinds: k("database"), Protocol: "sql", Port: 5432, Keys: k("POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE"), Reason: "PostgreSQL with maps"},
	{Text: "timescaledb", Kinds: k("database"), Protocol: "sql", Port: 5432, Keys: k("POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE"), Reason: "PostgreSQL for series"},
	{Text: "pgvector", Kinds: k("database", "vector_store"), Protocol: "sql", Port: 5432, Keys: k("POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE"), Reason: "PostgreSQL for embeddings"},
	{Text: "cockroach", Kinds: k("database"), Protocol: "sql", Port: 26257, Reason: "CockroachDB"},
	{Text: "cockroachdb", Kinds: k("database"), Protocol: "sql", Port: 26257, Reason: "CockroachDB"},
	{Text: "mysql", Kinds: k("database"), Protocol: "sql", Port: 3306, Keys: k("MYSQL_ROOT_PASSWORD", "MYSQL_PASSWORD", "MYSQL_ROOT_PASSWORD_FILE", "MYSQL_PASSWORD_FILE"), Reason: "MySQL"},
	{Text: "mariadb", Kinds: k("database"), Protocol: "sql", Port: 3306, Keys: k("MARIADB_ROOT_PASSWORD", "MARIADB_PASSWORD", "MYSQL_ROOT_PASSWORD", "MYSQL_PASSWORD", "MARIADB_ROOT_PASSWORD_FILE", "MYSQL_ROOT_PASSWORD_FILE"), Reason: "MariaDB"},
	{Text: "percona", Kinds: k("database"), Protocol: "sql", Port: 3306, Keys: k("MYSQL_ROOT_PASSWORD", "MYSQL_PASSWORD"), Reason: "MySQL of Percona"},
	{Text: "mssql", Kinds: k("database"), Protocol: "sql", Port: 1433, Keys: k("SA_PASSWORD", "MSSQL_SA_PASSWORD"), Reason: "SQL Server"},
	{Text: "sqlserver", Kinds: k("database"), Protocol: "sql", Port: 1433, Keys: k("SA_PASSWORD", "MSSQL_SA_PASSWORD"), Reason: "SQL Server"},
	{Text: "azure-sql-edge", Kinds: k("database"), Protocol: "sql", Port: 1433, Keys: k("SA_PASSWORD", "MSSQL_SA_PASSWORD"), Reason: "SQL Server"},
	{Text: "oracle", Kinds: k("database"), Protocol: "sql", Port: 1521, Keys: k("ORACLE_PASSWORD", "ORACLE_PWD"), Reason: "Oracle"},
	{Text: "clickhouse", Kinds: k("database"), Protocol: "sql", Port: 8123, Keys: k("CLICKHOUSE_PASSWORD"), Reason: "ClickHouse"},
	{Text: "mongo", Kinds: k("database"), Protocol: "nosql", Port: 27017, Keys: k("MONGO_INITDB_ROOT_PASSWORD", "MONGODB_ROOT_PASSWORD", "MONGO_INITDB_ROOT_PASSWORD_FILE"), Reason: "MongoDB"},
	{Text: "mongodb", Kinds: k("database"), Protocol: "nosql", Port: 27017, Keys: k("MONGO_INITDB_ROOT_PASSWORD", "MONGODB_ROOT_PASSWORD", "MONGO_INITDB_ROOT_PASSWORD_FILE"), Reason: "MongoDB"},
	{Text: "documentdb", Kinds: k("database"), Protocol: "nosql", Port: 10260, Keys: k("--password", "PASSWORD"), Reason: "DocumentDB"},
	{Text: "cassandra", Kinds: k("database"), Protocol: "nosql", Port: 9042, Reason: "Cassandra"},
	{Text: "scylla", Kinds: k("database"), Protocol: "nosql", Port: 9042, Reason: "ScyllaDB"},
	{Text: "couchdb", Kinds: k("database"), Protocol: "http", Port: 5984, Keys: k("COUCHDB_PASSWORD"), Reason: "CouchDB"},
	{Text: "couchbase", Kinds: k("database"), Protocol: "http", Port: 8091, Reason: "Couchbase"},
	{Text: "neo4j", Kinds: k("database"), Protocol: "nosql", Port: 7687, Keys: k("NEO4J_AUTH"), Reason: "Neo4j"},
	{Text: "influxdb", Kinds: k("database"), Protocol: "http", Port: 8086, Keys: k("DOCKER_INFLUXDB_INIT_PASSWORD"), Reason: "InfluxDB"},
	{Text: "dynamodb", Kinds: k("database"), Protocol: "nosql", Port: 8000, Reason: "DynamoDB"},
	{Text: "cosmosdb", Kinds: k("database"), Protocol: "nosql", Port: 8081, Reason: "Cosmos DB"},
	{Text: "spanner", Kinds: k("database"), Protocol: "sql", Port: 9010, Reason: "Spanner"},
	{Text: "ravendb", Kinds: k("database"), Protocol: "http", Port: 8080, Reason: "RavenDB"},
	{Text: "arangodb", Kinds: k("database"), Protocol: "http", Port: 8529, Keys: k("ARANGO_ROOT_PASSWORD"), Reason: "ArangoDB"},
	{Text: "redis", Kinds: k("cache"), Protocol: "redis", Port: 6379, Keys: k("--requirepass", "REDIS_PASSWORD"), Reason: "Redis"},
	{Text: "valkey", Kinds: k("cache"), Protocol: "redis", Port: 6379, Keys: k("--requirepass", "VALKEY_PASSWORD"), Reason: "Valkey, as Redis"},
	{Text: "keydb", Kinds: k("cache"), Protocol: "redis", Port: 6379, Keys: k("--requirepass"), Reason: "KeyDB, as Redis"},
	{Text: "dragonfly", Kinds: k("cache"), Protocol: "redis", Port: 6379, Keys: k("--requirepass"), Reason: "Dragonfly, as Redis"},
	{Text: "memcached", Kinds: k("cache"), Protocol: "tcp", Port: 11211, Reason: "Memcached"},
	{Text: "hazelcast", Kinds: k("cache"), Protocol: "tcp", Port: 5701, Reason: "Hazelcast"},
	{Text: "elasticsearch", Kinds: k("search_engine", "store"), Protocol: "http", Port: 9200, Keys: k("ELASTIC_PASSWORD"), Reason: "Elasticsearch holds a search index"},
	{Text: "opensearch", Kinds: k("search_engine", "store"), Protocol: "http", Port: 9200, Keys: k("OPENSEARCH_INITIAL_ADMIN_PASSWORD"), Reason: "OpenSearch holds a search index"},
	{Text: "solr", Kinds: k("search_engine", "store"), Protocol: "http", Port: 8983, Reason: "Solr holds a search index"},
	{Text: "meilisearch", Kinds: k("search_engine", "store"), Protocol: "http", Port: 7700, Keys: k("MEILI_MASTER_KEY"), Reason: "Meilisearch holds a search index"},
	{Text: "typesense", Kinds: k("search_engine", "store"), Protocol: "http", Port: 8108, Keys: k("TYPESENSE_API_KEY"), Reason: "Typesense holds a search index"},
	{Text: "manticore", Kinds: k("search_engine", "store"), Protocol: "sql", Port: 9306, Reason: "Manticore holds a search index"},
	{Text: "qdrant", Kinds: k("vector_store"), Protocol: "http", Port: 6333, Reason: "keeps embeddings"},
	{Text: "weaviate", Kinds: k("vector_store"), Protocol: "http", Port: 8080, Reason: "keeps embeddings"},
	{Text: "milvus", Kinds: k("vector_store"), Protocol: "grpc", Port: 19530, Reason: "keeps embeddings"},
	{Text: "chroma", Kinds: k("vector_store"), Protocol: "http", Port: 8000, Reason: "keeps embeddings"},
	{Text: "minio", Kinds: k("object_store"), Protocol: "http", Port: 9000, Keys: k("MINIO_ROOT_PASSWORD", "MINIO_SECRET_KEY"), Reason: "keeps objects"},
	{Text: "seaweedfs", Kinds: k("object_store"), Protocol: "http", Port: 8333, Reason: "keeps objects"},
	{Text: "azurite", Kinds: k("object_store"), Protocol: "http", Port: 10000, Reason: "stands for Azure's storage"},
	{Text: "localstack", Kinds: k("object_store", "message_broker", "database"), Protocol: "http", Port: 4566, Reason: "stands for services of AWS"},
	{Text: "s3", Kinds: k("object_store"), Protocol: "https", Port: 443, Reason: "keeps objects"},
	{Text: "vault", Kinds: k("secret_store"), Protocol: "http", Port: 8200, Reason: "keeps secrets"},
	{Text: "etcd", Kinds: k("configuration_server", "store"), Protocol: "grpc", Port: 2379, Keys: k("ETCD_ROOT_PASSWORD"), Reason: "keeps configuration"},
	{Text: "openldap", Kinds: k("directory"), Protocol: "ldap", Port: 389, Keys: k("LDAP_ADMIN_PASSWORD"), Reason: "holds user accounts"},
	// Brokers keep what passes.
	{Text: "rabbitmq", Kinds: k("message_broker"), Protocol: "amqp", Port: 5672, Keys: k("RABBITMQ_DEFAULT_PASS", "RABBITMQ_PASSWORD"), Reason: "RabbitMQ"},
	{Text: "activemq", Kinds: k("message_broker"), Protocol: "amqp", Port: 61616, Keys: k("ACTIVEMQ_ADMIN_PASSWORD"), Reason: "ActiveMQ"},
	{Text: "artemis", Kinds: k("message_broker"), Protocol: "amqp", Port: 61616, Keys: k("ARTEMIS_PASSWORD"), Reason: "ActiveMQ Artemis"},
	{Text: "kafka", Kinds: k("message_broker"), Protocol: "kafka", Port: 9092, Reason: "Kafka"},
	{Text: "redpanda", Kinds: k("message_broker"), Protocol: "kafka", Port: 9092, Reason: "Redpanda, as Kafka"},
	{Text: "nats", Kinds: k("message_broker"), Protocol: "tcp", Port: 4222, Reason: "NATS"},
	{Text: "pulsar", Kinds: k("message_broker"), Protocol: "tcp", Port: 6650, Reason: "Pulsar"},
	{Text: "mosquitto", Kinds: k("message_broker"), Protocol: "mqtt", Port: 1883, Reason: "MQTT"},
	{Text: "emqx", Kinds: k("message_broker"), Protocol: "mqtt", Port: 1883, Reason: "MQTT"},
	{Text: "servicebus", Kinds: k("message_broker"), Protocol: "amqp", Port: 5672, Reason: "Service Bus"},
	{Text: "zookeeper", Kinds: k("configuration_server", "store"), Protocol: "tcp", Port: 2181, Reason: "keeps configuration"},
	// What requests pass.
	{Text: "traefik", Kinds: k("load_balancer"), Protocol: "http", Port: 80, Reason: "forwards requests"},
	{Text: "haproxy", Kinds: k("load_balancer"), Protocol: "http", Port: 80, Reason: "forwards requests"},
	{Text: "envoy", Kinds: k("proxy"), Protocol: "http", Port: 10000, Reason: "forwards requests"},
	{Text: "varnish", Kinds: k("proxy", "cache"), Protocol: "http", Port: 80, Reason: "forwards requests, and caches answers"},
	{Text: "nginx", Kinds: k("proxy", "web_server"), Protocol: "http", Port: 80, Reason: "forwards requests, or serves pages: its configuration says which"},
	{Text: "caddy", Kinds: k("proxy", "web_server"), Protocol: "http", Port: 80, Reason: "forwards requests, or serves pages: its configuration says which"},
	{Text: "httpd", Kinds: k("proxy", "web_server"), Protocol: "http", Port: 80, Reason: "forwards requests, or serves pages: its configuration says which"},
	{Text: "apache", Kinds: k("proxy", "web_server"), Protocol: "http", Port: 80, Reason: "forwards requests, or serves pages: its configuration says which"},
	{Text: "squid", Kinds: k("proxy"), Protocol: "http", Port: 3128, Reason: "forwards requests"},
	{Text: "kong", Kinds: k("gateway"), Protocol: "http", Port: 8000, Reason: "forwards requests"},
	{Text: "apisix", Kinds: k("gateway"), Protocol: "http", Port: 9080, Reason: "forwards requests"},
	{Text: "krakend", Kinds: k("gateway"), Protocol: "http", Port: 8080, Reason: "forwards requests"},
	{Text: "tyk", Kinds: k("gateway"), Protocol: "http", Port: 8080, Reason: "forwards requests"},
	{Text: "cloudflared", Kinds: k("proxy", tunnel), Protocol: "http", Reason: "opens a tunnel from the Internet"},
	{Text: "ngrok", Kinds: k("proxy", tunnel), Protocol: "http", Reason: "opens a tunnel from the Internet"},
	// Other programs that many use.
	{Text: "keycloak", Kinds: k("authorization_server"), Protocol: "http", Port: 8080, Keys: k("KEYCLOAK_ADMIN_PASSWORD", "KC_BOOTSTRAP_ADMIN_PASSWORD"), Reason: "logs people in"},
	{Text: "dex", Kinds: k("authorization_server"), Protocol: "http", Port: 5556, Reason: "logs people in"},
	{Text: "hydra", Kinds: k("authorization_server"), Protocol: "http", Port: 4444, Reason: "logs people in"},
	{Text: "authentik", Kinds: k("authorization_server"), Protocol: "http", Port: 9000, Reason: "logs people in"},
	{Text: "zitadel", Kinds: k("authorization_server"), Protocol: "http", Port: 8080, Reason: "logs people in"},
	{Text: "oauth2-proxy", Kinds: k("proxy", "authorization_server"), Protocol: "http", Port: 4180, Reason: "asks for a login, and forwards requests"},
	{Text: "consul", Kinds: k("service_discovery", "configuration_server", "store"), Protocol: "http", Port: 8500, Reason: "serves addresses and settings"},
	{Text: "eureka", Kinds: k("service_discovery"), Protocol: "http", Port: 8761, Reason: "serves addresses"},
	{Text: "jenkins", Kinds: k("build_pipeline", "admin_interface"), Protocol: "http", Port: 8080, Reason: "builds programs"},
	{Text: "gitlab", Kinds: k("repository", "build_pipeline"), Protocol: "http", Port: 80, Reason: "keeps programs and builds them"},
	{Text: "gitea", Kinds: k("repository"), Protocol: "http", Port: 3000, Reason: "keeps programs"},
	{Text: "nexus", Kinds: k("repository"), Protocol: "http", Port: 8081, Reason: "keeps packages"},
	{Text: "artifactory", Kinds: k("repository"), Protocol: "http", Port: 8081, Reason: "keeps packages"},
	{Text: "registry", Kinds: k("repository", "service_discovery"), Protocol: "http", Port: 5000, Reason: "keeps images, or serves addresses: the name does not say which"},
	{Text: "postfix", Kinds: k("mail_server"), Protocol: "smtp", Port: 25, Reason: "sends mail"},
	{Text: "mailserver", Kinds: k("mail_server"), Protocol: "smtp", Port: 25, Reason: "sends mail"},
	{Text: "wordpress", Kinds: k("cms"), Protocol: "http", Port: 80, Reason: "pages that editors write"},
	{Text: "drupal", Kinds: k("cms"), Protocol: "http", Port: 80, Reason: "pages that editors write"},
	{Text: "strapi", Kinds: k("cms", "api"), Protocol: "http", Port: 1337, Reason: "pages that editors write"},
	{Text: "directus", Kinds: k("cms", "api"), Protocol: "http", Port: 8055, Reason: "pages that editors write"},
	{Text: "odoo", Kinds: k("erp", "webapp"), Protocol: "http", Port: 8069, Reason: "orders, stock, accounts"},
	{Text: "temporal", Kinds: k("workflow_engine"), Protocol: "grpc", Port: 7233, Reason: "runs workflows"},
	{Text: "airflow", Kinds: k("workflow_engine", "admin_interface"), Protocol: "http", Port: 8080, Reason: "runs workflows"},
	{Text: "n8n", Kinds: k("workflow_engine", "admin_interface"), Protocol: "http", Port: 5678, Reason: "runs workflows"},
	{Text: "camunda", Kinds: k("workflow_engine", "admin_interface"), Protocol: "http", Port: 8080, Reason: "runs workflows"},
	{Text: "ollama", Kinds: k("model_endpoint"), Protocol: "http", Port: 11434, Reason: "runs language models"},
	{Text: "openai", Kinds: k("model_endpoint"), Protocol: "https", Port: 443, Reason: "runs language models"},
	{Text: "coredns", Kinds: k("dns_service"), Protocol: "dns", Port: 53, Reason: "resolves names"},
	{Text: "stripe", Kinds: k("payment_service"), Protocol: "https", Reason: "takes payments"},
	{Text: "paypal", Kinds: k("payment_service"), Protocol: "https", Reason: "takes payments"},
	{Text: "adyen", Kinds: k("payment_service"), Protocol: "https", Reason: "takes payments"},
	{Text: "braintree", Kinds: k("payment_service"), Protocol: "https", Reason: "takes payments"},
	{Text: "sendgrid", Kinds: k("mail_server"), Protocol: "https", Reason: "sends mail"},
	{Text: "twilio", Kinds: k("notification_service"), Protocol: "https", Reason: "sends messages to phones"},
	// What programs of one's own are for.
	{Own: true, Text: "loadgenerator", Kinds: k("software"), Reason: "simulates visitors, and serves nothing"},
	{Own: true, Text: "load-generator", Kinds: k("software"), Reason: "simulates visitors, and serves nothing"},
	{Own: true, Text: "virtual-customer", Kinds: k("software"), Reason: "simulates visitors, and serves nothing"},
	{Own: true, Text: "locust", Kinds: k("software"), Reason: "simulates visitors"},
	{Own: true, Text: "k6", Kinds: k("software"), Reason: "simulates visitors"},
	{Own: true, Text: "worker", Kinds: k("worker"), Reason: "takes jobs from a queue"},
	{Own: true, Text: "celery", Kinds: k("worker"), Reason: "takes jobs from a queue"},
	{Own: true, Text: "sidekiq", Kinds: k("worker"), Reason: "takes jobs from a queue"},
	{Own: true, Text: "consumer", Kinds: k("worker"), Reason: "takes jobs from a queue"},
	{Own: true, Text: "db", Kinds: k("database"), Protocol: "sql", Reason: "`db` is a database"},
	{Own: true, Text: "database", Kinds: k("database"), Protocol: "sql", Reason: "a database"},
	{Own: true, Text: "cache", Kinds: k("cache"), Protocol: "redis", Reason: "a cache"},
	{Own: true, Text: "queue", Kinds: k("message_broker"), Protocol: "amqp", Reason: "a queue"},
	{Own: true, Text: "admin", Kinds: k("admin_interface", "webapp"), Protocol: "http", Reason: "`admin` in a name is a console"},
	{Own: true, Text: "dashboard", Kinds: k("admin_interface", "webapp"), Protocol: "http", Reason: "a dashboard is a console"},
	{Own: true, Text: "backoffice", Kinds: k("admin_interface", "webapp"), Protocol: "http", Reason: "a back office is a console"},
	{Own: true, Text: "back-office", Kinds: k("admin_interface", "webapp"), Protocol: "http", Reason: "a back office is a console"},
	{Own: true, Text: "console", Kinds: k("admin_interface", "webapp"), Protocol: "http", Reason: "a console"},
	{Own: true, Text: "gateway", Kinds: k("gateway"), Protocol: "http", Reason: "forwards requests"},
	{Own: true, Text: "bff", Kinds: k("gateway", "api"), Protocol: "http", Reason: "forwards requests of a front end"},
	{Own: true, Text: "proxy", Kinds: k("proxy"), Protocol: "http", Reason: "forwards requests"},
	{Own: true, Text: "cron", Kinds: k("scheduler"), Reason: "runs on a schedule"},
	{Own: true, Text: "scheduler", Kinds: k("scheduler"), Reason: "runs on a schedule"},
	{Own: true, Text: "auth", Kinds: k("authorization_server"), Protocol: "http", Reason: "logs people in"},
	{Own: true, Text: "identity", Kinds: k("authorization_server"), Protocol: "http", Reason: "logs people in"},
	{Own: true, Text: "webhook", Kinds: k("api"), Protocol: "http", Reason: "is called by partners"},
	{Own: true, Text: "search", Kinds: k("search_engine", "store"), Protocol: "http", Reason: "searches, and holds a search index"},
	{Own: true, Text: "payment", Kinds: k("payment_service"), Protocol: "http", Reason: "takes payments"},
	{Own: true, Text: "paymentservice", Kinds: k("payment_service"), Reason: "takes payments"},
	{Own: true, Text: "web", Kinds: k("webapp"), Protocol: "http", Reason: "serves pages"},
	{Own: true, Text: "webui", Kinds: k("webapp"), Protocol: "http", Reason: "serves pages"},
	{Own: true, Text: "frontend", Kinds: k("webapp"), Protocol: "http", Reason: "serves pages"},
	{Own: true, Text: "front-end", Kinds: k("webapp"), Protocol: "http", Reason: "serves pages"},
	{Own: true, Text: "front", Kinds: k("webapp"), Protocol: "http", Reason: "serves pages"},
	{Own: true, Text: "storefront", Kinds: k("webapp"), Protocol: "http", Reason: "serves pages"},
	{Own: true, Text: "shop", Kinds: k("webapp"), Protocol: "http", Reason: "serves pages"},
	{Own: true, Text: "ui", Kinds: k("webapp"), Protocol: "http", Reason: "serves pages"},
	{Own: true, Text: "api", Kinds: k("api"), Protocol: "http", Reason: "an interface"},
}

// tunnel marks in the table what lets the Internet in without a port. It is no kind.
const tunnel = "tunnel"

func k(kinds ...string) []string { return kinds }

// Words returns the table of words, for those who hold it to the catalogue.
func Words() []Word { return slices.Clone(words) }

// parts splits a name at whatever separates words in it: `rs-mongodb` is -rs-mongodb-.
func parts(name string) string {
	f := strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	return "-" + strings.Join(f, "-") + "-"
}

// find looks for a word of the table in a name.
func find(name string, own bool) *Word {
	in := parts(name)
	for i, w := range words {
		if w.Own == own && strings.Contains(in, "-"+w.Text+"-") {
			return &words[i]
		}
	}
	return nil
}

// Guess is what a name or an image says.
type Guess struct {
	Word    *Word // nil where the table has nothing
	Kinds   []string
	Guessed bool
	Ours    bool // a program of one's own
}

// Recognize says what an image under a name is. It is sure only of images that are called just what the table says, such as `library/postgres:15`; one that
// is built here, or by somebody whom the table does not know, is a guess by its words.
func Recognize(image, name string, built bool) Guess {
	base := image[strings.LastIndexByte(image, '/')+1:]
	base, _, _ = strings.Cut(base, "@")
	base, tag, _ := strings.Cut(base, ":")
	g := Guess{Word: find(base, false), Guessed: true, Ours: built}
	switch {
	case g.Word != nil:
		g.Guessed = built || parts(base) != "-"+g.Word.Text+"-"
	default:
		for _, own := range []bool{false, true} {
			for _, text := range []string{name, base} {
				if g.Word == nil {
					g.Word = find(text, own)
				}
			}
		}
		g.Ours = true
	}
	if g.Word == nil {
		return g
	}
	g.Kinds = slices.Clone(g.Word.Kinds)
	if g.Word.Kinds[0] == "message_broker" && strings.Contains(tag, "management") {
		g.Kinds = Put(g.Kinds, "admin_interface")
	}
	return g
}

// Ports that say what is talked on them, whatever listens.
var ports = map[int]string{
	21: "ftp", 22: "ssh", 25: "smtp", 53: "dns", 80: "http", 389: "ldap", 443: "https", 465: "smtps", 587: "smtp", 636: "ldaps", 1025: "smtp", 1433: "sql", 1521: "sql", 1883: "mqtt",
	2181: "tcp", 3000: "http", 3306: "sql", 4317: "grpc", 4318: "http", 5000: "http", 5050: "grpc", 5432: "sql", 5601: "http", 5671: "amqps", 5672: "amqp", 6379: "redis", 8000: "http", 8025: "http", 8080: "http",
	8081: "http", 8443: "https", 8883: "mqtts", 9000: "http", 9090: "http", 9092: "kafka", 9200: "http", 11211: "tcp", 15672: "http", 16686: "http", 27017: "nosql", 50051: "grpc",
}

// schemes of addresses, with the protocol and whom they lead to.
var schemes = map[string]struct{ protocol, kind string }{
	"http": {"http", ""}, "https": {"https", ""}, "ws": {"ws", ""}, "wss": {"wss", ""}, "grpc": {"grpc", ""}, "grpcs": {"grpcs", ""}, "tcp": {"tcp", ""}, "tls": {"tls", ""},
	"postgres": {"sql", "database"}, "postgresql": {"sql", "database"}, "postgresql+psycopg2": {"sql", "database"}, "postgresql+asyncpg": {"sql", "database"}, "mysql": {"sql", "database"}, "mysql2": {"sql", "database"},
	"mysql+pymysql": {"sql", "database"}, "mariadb": {"sql", "database"}, "sqlserver": {"sql", "database"}, "mssql": {"sql", "database"}, "oracle": {"sql", "database"}, "cockroachdb": {"sql", "database"},
	"mongodb": {"nosql", "database"}, "mongodb+srv": {"nosql_tls", "database"}, "redis": {"redis", "cache"}, "rediss": {"redis_tls", "cache"}, "memcached": {"tcp", "cache"},
	"amqp": {"amqp", "message_broker"}, "amqps": {"amqps", "message_broker"}, "kafka": {"kafka", "message_broker"}, "nats": {"tcp", "message_broker"}, "mqtt": {"mqtt", "message_broker"}, "mqtts": {"mqtts", "message_broker"}, "sb": {"amqps", "message_broker"},
	"smtp": {"smtp", "mail_server"}, "smtps": {"smtps", "mail_server"}, "ldap": {"ldap", "directory"}, "ldaps": {"ldaps", "directory"}, "ftp": {"ftp", "file_share"}, "sftp": {"sftp", "file_share"}, "s3": {"https", "object_store"}, "elasticsearch": {"http", "search_engine"},
}

// Protocol says what an element is talked to by on a port, 0 where that is not known.
func Protocol(e *Element, word *Word, port int) string {
	if word != nil && word.Protocol != "" && (port == 0 || port == word.Port) {
		return word.Protocol
	}
	if p := ports[port]; p != "" {
		return p
	}
	switch {
	case word != nil && word.Protocol != "" && !strings.HasPrefix(word.Protocol, "http"):
		return "" // another port of a store: a console, or its cluster
	case e.Is("webapp", "api", "service", "gateway", "proxy", "admin_interface", "load_balancer", "cms", "payment_service", "authorization_server", "monitoring_server"):
		return "http"
	}
	return ""
}

// secretKeys are parts of keys whose values are secrets, with the class of each.
var secretKeys = []struct{ part, class, reason string }{
	{"password", "password", "a password"},
	{"passwd", "password", "a password"},
	{"passphrase", "password", "a password"},
	{"pwd", "password", "a password"},
	{"pass", "password", "a password"},
	{"private-key", "private_key", "a private key"},
	{"privatekey", "private_key", "a private key"},
	{"encryption-key", "encryption_key", "an encryption key"},
	{"api-key", "api_key", "an API key"},
	{"apikey", "api_key", "an API key"},
	{"access-key", "api_key", "a cloud access key"},
	{"account-key", "api_key", "a cloud access key"},
	{"secret-key", "signing_key", "a signing key for sessions or tokens"},
	{"jwt-key", "signing_key", "a signing key for tokens"},
	{"signing-key", "signing_key", "a signing key"},
	{"master-key", "api_key", "an API key"},
	{"agent-key", "api_key", "an API key"},
	{"license-key", "api_key", "an API key"},
	{"secret", "signing_key", "a secret"},
	{"token", "api_key", "a token"},
	{"credentials", "api_key", "credentials"},
	{"credential", "api_key", "credentials"},
}

// harmless parts of keys say that the value is about a secret, and none itself.
var harmless = []string{"-url-", "-uri-", "-host-", "-port-", "-file-", "-path-", "-dir-", "-name-", "-user-", "-username-", "-ttl-", "-expiry-", "-expiration-", "-expires-", "-lifetime-", "-length-", "-policy-", "-alg-", "-algorithm-", "-issuer-", "-audience-", "-public-", "-id-", "-enabled-", "-type-", "-prefix-", "-timeout-", "-endpoint-", "-allow-", "-empty-", "-arn-", "-version-"}

// SecretClass returns the class of the secret that a key holds; "" where it holds none.
func SecretClass(key string) string {
	in := parts(split(key))
	for _, h := range harmless {
		if strings.Contains(in, h) {
			return ""
		}
	}
	for _, s := range secretKeys {
		if strings.Contains(in, "-"+s.part+"-") {
			return s.class
		}
	}
	return ""
}

// split separates words that capitals separate: `jwtSecret` is jwt-Secret.
func split(key string) string {
	var b strings.Builder
	lower := false
	for _, c := range key {
		if lower && unicode.IsUpper(c) {
			b.WriteByte('-')
		}
		lower = unicode.IsLower(c)
		b.WriteRune(c)
	}
	return b.String()
}
