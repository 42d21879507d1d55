package imports

import (
	"strings"

	"github.com/vauban-verifier/vauban/dsl/source"
)

// Term is what a modelling tool or a cloud calls a kind of thing.
type Term struct {
	Word   string // as parts separated by dashes
	Kinds  []string
	Reason string
}

// terms are technologies of Threagile, types of OTM's components and of resources of Terraform. The first that is the whole word counts, else the first that stands in it.
var terms = []Term{
	{"web-client", k("browser"), "runs on its user's device"},
	{"browser", k("browser"), "runs on its user's device"},
	{"mobile-app", k("mobile_app"), "runs on its user's device"},
	{"mobile-client", k("mobile_app"), "runs on its user's device"},
	{"rich-client", k("app"), "runs on its user's device"},
	{"thick-client", k("app"), "runs on its user's device"},
	{"desktop", k("workstation"), "a machine of its user"},
	{"client-system", k("workstation"), "a machine of its user"},
	{"devops-client", k("workstation"), "a machine of its user"},
	{"cli", k("workstation"), "a machine of its user"},
	{"iot-device", k("device"), "a device"},
	{"web-server", k("web_server"), "serves pages"},
	{"web-application", k("webapp"), "serves pages"},
	{"web-ui", k("webapp"), "serves pages"},
	{"cms", k("cms"), "pages that editors write"},
	{"web-service-rest", k("api"), "an interface"},
	{"web-service-soap", k("api"), "an interface"},
	{"web-service", k("api"), "an interface"},
	{"application-server", k("service"), "runs programs"},
	{"ejb", k("service"), "runs programs"},
	{"erp", k("erp"), "orders, stock, accounts"},
	{"mainframe", k("mainframe"), "a mainframe"},
	{"function", k("function"), "a function"},
	{"task", k("worker"), "does jobs"},
	{"batch-processing", k("scheduler"), "runs on a schedule"},
	{"scheduler", k("scheduler"), "runs on a schedule"},
	{"report-engine", k("service"), "makes reports"},
	{"event-listener", k("service"), "handles events"},
	{"stream-processing", k("service"), "processes streams"},
	{"tool", k("service"), "a tool"},
	{"ai", k("model_endpoint"), "a model"},
	{"library", k("package"), "a package"},
	{"database", k("database"), "keeps data"},
	{"datastore", k("database"), "keeps data"},
	{"data-lake", k("data_warehouse"), "keeps data for analyses"},
	{"big-data-platform", k("data_warehouse"), "keeps data for analyses"},
	{"file-server", k("file_share"), "keeps files"},
	{"local-file-system", k("volume"), "keeps files"},
	{"block-storage", k("volume"), "keeps files"},
	{"search-engine", k("search_engine", "store"), "holds a search index"},
	{"search-index", k("search_engine", "store"), "holds a search index"},
	{"identity-store-ldap", k("directory"), "holds user accounts"},
	{"identity-store-database", k("directory"), "holds user accounts"},
	{"vault", k("secret_store"), "keeps secrets"},
	{"hsm", k("key_service"), "keeps keys"},
	{"message-queue", k("message_broker"), "keeps messages"},
	{"load-balancer", k("load_balancer"), "forwards requests"},
	{"reverse-proxy", k("proxy"), "forwards requests"},
	{"gateway", k("gateway"), "forwards requests"},
	{"service-mesh", k("service_mesh"), "forwards requests"},
	{"waf", k("web_application_firewall"), "inspects requests"},
	{"ids", k("monitoring_server"), "watches"},
	{"ips", k("monitoring_server"), "watches"},
	{"monitoring", k("monitoring_server"), "watches"},
	{"identity-provider", k("authorization_server"), "logs people in"},
	{"sourcecode-repository", k("repository"), "keeps programs"},
	{"artifact-registry", k("repository"), "keeps packages"},
	{"build-pipeline", k("build_pipeline"), "builds programs"},
	{"code-inspection-platform", k("build_pipeline"), "scans programs"},
	{"container-platform", k("orchestrator"), "runs containers"},
	{"mail-server", k("mail_server"), "sends mail"},
	// Resources of Terraform.
	{"aws-db-instance", k("database"), "RDS"},
	{"aws-rds-cluster", k("database"), "Aurora"},
	{"aws-rds-cluster-instance", k("database"), "Aurora"},
	{"aws-dynamodb-table", k("database"), "DynamoDB"},
	{"aws-docdb-cluster", k("database"), "DocumentDB"},
	{"aws-elasticache-cluster", k("cache"), "ElastiCache"},
	{"aws-elasticache-replication-group", k("cache"), "ElastiCache"},
	{"aws-opensearch-domain", k("search_engine", "store"), "OpenSearch"},
	{"aws-elasticsearch-domain", k("search_engine", "store"), "OpenSearch"},
	{"aws-s3-bucket", k("object_store"), "S3"},
	{"aws-efs-file-system", k("file_share"), "EFS"},
	{"aws-ebs-volume", k("volume"), "EBS"},
	{"aws-redshift-cluster", k("data_warehouse"), "Redshift"},
	{"aws-secretsmanager-secret", k("secret_store"), "Secrets Manager"},
	{"aws-kms-key", k("key_service"), "KMS"},
	{"aws-sqs-queue", k("message_broker"), "SQS"},
	{"aws-sns-topic", k("message_broker"), "SNS"},
	{"aws-mq-broker", k("message_broker"), "MQ"},
	{"aws-msk-cluster", k("message_broker"), "MSK"},
	{"aws-kinesis-stream", k("message_broker"), "Kinesis"},
	{"aws-lambda-function", k("function"), "Lambda"},
	{"aws-instance", k("virtual_machine"), "EC2"},
	{"aws-launch-template", k("virtual_machine"), "EC2"},
	{"aws-ecs-service", k("service"), "ECS"},
	{"aws-eks-cluster", k("orchestrator"), "EKS"},
	{"aws-ecs-cluster", k("orchestrator"), "ECS"},
	{"aws-apprunner-service", k("service"), "App Runner"},
	{"aws-lb", k("load_balancer"), "a load balancer"},
	{"aws-alb", k("load_balancer"), "a load balancer"},
	{"aws-elb", k("load_balancer"), "a load balancer"},
	{"aws-api-gateway-rest-api", k("gateway"), "API Gateway"},
	{"aws-apigatewayv2-api", k("gateway"), "API Gateway"},
	{"aws-cloudfront-distribution", k("cdn"), "CloudFront"},
	{"aws-cognito-user-pool", k("authorization_server"), "Cognito"},
	{"aws-ecr-repository", k("repository"), "ECR"},
	{"azurerm-mssql-server", k("database"), "SQL"},
	{"azurerm-postgresql-flexible-server", k("database"), "PostgreSQL"},
	{"azurerm-mysql-flexible-server", k("database"), "MySQL"},
	{"azurerm-cosmosdb-account", k("database"), "Cosmos DB"},
	{"azurerm-redis-cache", k("cache"), "Redis"},
	{"azurerm-storage-account", k("object_store"), "Storage"},
	{"azurerm-key-vault", k("secret_store"), "Key Vault"},
	{"azurerm-servicebus-namespace", k("message_broker"), "Service Bus"},
	{"azurerm-eventhub-namespace", k("message_broker"), "Event Hubs"},
	{"azurerm-linux-web-app", k("webapp"), "App Service"},
	{"azurerm-windows-web-app", k("webapp"), "App Service"},
	{"azurerm-linux-function-app", k("function"), "Functions"},
	{"azurerm-container-app", k("service"), "Container Apps"},
	{"azurerm-kubernetes-cluster", k("orchestrator"), "AKS"},
	{"azurerm-linux-virtual-machine", k("virtual_machine"), "a virtual machine"},
	{"azurerm-application-gateway", k("load_balancer"), "Application Gateway"},
	{"azurerm-lb", k("load_balancer"), "a load balancer"},
	{"azurerm-cdn-frontdoor-profile", k("cdn"), "Front Door"},
	{"azurerm-api-management", k("gateway"), "API Management"},
	{"google-sql-database-instance", k("database"), "Cloud SQL"},
	{"google-spanner-instance", k("database"), "Spanner"},
	{"google-redis-instance", k("cache"), "Memorystore"},
	{"google-storage-bucket", k("object_store"), "Cloud Storage"},
	{"google-bigquery-dataset", k("data_warehouse"), "BigQuery"},
	{"google-pubsub-topic", k("message_broker"), "Pub/Sub"},
	{"google-cloud-run-service", k("service"), "Cloud Run"},
	{"google-cloud-run-v2-service", k("service"), "Cloud Run"},
	{"google-cloudfunctions-function", k("function"), "Functions"},
	{"google-compute-instance", k("virtual_machine"), "a virtual machine"},
	{"google-container-cluster", k("orchestrator"), "GKE"},
	{"google-secret-manager-secret", k("secret_store"), "Secret Manager"},
	{"google-compute-forwarding-rule", k("load_balancer"), "a load balancer"},
	{"google-compute-global-forwarding-rule", k("load_balancer"), "a load balancer"},
}

// Terms returns the table, for those who hold it to the catalogue.
func Terms() []Term { return terms }

// ByTerm returns the kinds of what a tool calls something; false where the table has it not.
func ByTerm(word string) ([]string, bool) {
	in := parts(word)
	for _, t := range terms {
		if in == "-"+t.Word+"-" {
			return append([]string(nil), t.Kinds...), true
		}
	}
	if w := find(word, false); w != nil {
		return append([]string(nil), w.Kinds...), true
	}
	if w := find(word, true); w != nil {
		return append([]string(nil), w.Kinds...), true
	}
	return nil, false
}

// ByResource returns the kinds of a type of resource of Terraform; false where the table has it not.
func ByResource(kind string) ([]string, bool) {
	in := parts(kind)
	for _, t := range terms {
		if in == "-"+t.Word+"-" && strings.Contains(kind, "_") {
			return append([]string(nil), t.Kinds...), true
		}
	}
	return nil, false
}

// linkProtocols are what tools call protocols.
var linkProtocols = map[string]string{
	"http": "http", "http/s": "http", "https": "https", "ws": "ws", "wss": "wss", "mqtt": "mqtt", "jdbc": "sql", "jdbc-encrypted": "sql_tls", "odbc": "sql", "odbc-encrypted": "sql_tls", "sql-access-protocol": "sql", "sql-access-protocol-encrypted": "sql_tls",
	"nosql-access-protocol": "nosql", "nosql-access-protocol-encrypted": "nosql_tls", "binary-encrypted": "tls", "text-encrypted": "tls", "ssh": "ssh", "ssh-tunnel": "ssh", "smtp": "smtp", "smtp-encrypted": "smtps", "imap": "imap", "imap-encrypted": "imaps",
	"pop3": "imap", "pop3-encrypted": "imaps", "ftp": "ftp", "ftps": "ftps", "sftp": "sftp", "scp": "sftp", "ldap": "ldap", "ldaps": "ldaps", "jms": "amqp", "nfs": "nfs", "smb": "smb", "smb-encrypted": "smb_encrypted", "reverse-proxy-web-protocol": "http",
	"reverse-proxy-web-protocol-encrypted": "https", "in-process-library-call": "call", "local-file-access": "call", "inter-process-communication": "call", "container-spawning": "", "grpc": "grpc", "tls": "tls", "tcp": "tcp", "mysql": "sql", "postgres": "sql", "amqp": "amqp", "redis": "redis", "udp": "udp",
}

// LinkProtocol returns the protocol that a tool's word means; "" if it gives nothing.
func LinkProtocol(word string) string { return linkProtocols[strings.ToLower(strings.TrimSpace(word))] }

// Public returns the public network of the plan.
func (p *Plan) Public() *Element {
	for _, e := range p.Elements {
		if e.Sort == Zone && e.Name == "Internet" {
			return e
		}
	}
	return p.Add(Zone, "Internet", []string{"public"}, source.Origin{})
}

// Within reports whether a zone is another, or lies in it, however deep.
func Within(z, in *Element) bool {
	for range 1000 {
		if z == in {
			return true
		}
		if len(z.In) == 0 {
			return false
		}
		z = z.In[0]
	}
	return true
}

// IsPublic reports whether a name of a place means the Internet.
func IsPublic(name string) bool {
	switch strings.Trim(parts(name), "-") {
	case "internet", "the-internet", "public", "public-internet", "external", "untrusted", "internet-zone", "public-network", "outside", "www":
		return true
	}
	return false
}
