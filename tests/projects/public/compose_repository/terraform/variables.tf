variable "credentials" {
  default = "./keys/my-creds.json"
}

variable "project" {
  default = "bike-shares-413802"
}

variable "region" {
  default = "us-central1"
}

variable "location" {
  default = "US"
}

variable "gcs_bucket_name" {
  default = "bike-shares-413802-lake"
}
